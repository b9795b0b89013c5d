// SPDX-License-Identifier: MIT
// What @grpc/grpc-js gets of recordd, by messages that it loads from proto/ itself: one scenario each run.
//
//     node grpc_js.js SCENARIO '{"address": …, "ca": …, "proto": …, "token": …}'
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const readline = require("node:readline");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");
const protobuf = require("protobufjs");

const given = JSON.parse(process.argv[3]);
const definition = loader.loadSync(["auth.proto", "records.proto"], {
  keepCase: true, longs: Number, defaults: true, oneofs: true, includeDirs: [given.proto],
});
const loaded = grpc.loadPackageDefinition(definition);
const credentials = given.ca ? grpc.credentials.createSsl(fs.readFileSync(given.ca)) : grpc.credentials.createInsecure();
const options = given.options || {};
const records = new loaded.records.RecordsService(given.address, credentials, options);
const auth = new loaded.auth.AuthService(given.address, credentials, options);
const ALBUM = { artist: "Talk Talk", name: "Spirit of Eden", format: "LP", price_paid: 24.99, has_insert: true };

function metadata(more = {}) {
  const made = new grpc.Metadata();
  if (given.token) made.set("authorization", `Bearer ${given.token}`);
  for (const [name, value] of Object.entries(more)) made.set(name, value);
  return made;
}

function ask(client, method, request, more, options = {}) {
  return new Promise((done, failed) =>
    client[method](request, metadata(more), options, (error, answer) => (error ? failed(error) : done(answer))));
}

async function refused(code, promise) {
  const error = await promise.then(() => assert.fail("was not refused"), (error) => error);
  assert.strictEqual(error.code, grpc.status[code], error.message);
  return error;
}

async function add(more = {}) {
  return (await ask(records, "CreateRecord", { record: { ...ALBUM, ...more } })).record;
}

async function collect(stream) {
  const all = [];
  for await (const message of stream) all.push(message);
  return all;
}

const scenarios = {
  async accounts() {
    const email = `${Math.random().toString(36).slice(2)}@example.org`, password = "correct horse battery";
    const made = await ask(auth, "Register", { email, password });
    assert.strictEqual(made.user.email, email);
    const session = await ask(auth, "Authenticate", { email, password });
    assert.deepStrictEqual((await ask(auth, "ValidateToken", { token: session.token })).user, made.user);
    assert.strictEqual((await ask(auth, "ValidateToken", { token: "x" })).valid, false);
    assert.ok((await ask(auth, "RefreshToken", { refresh_token: session.refresh_token })).token);
    assert.strictEqual((await ask(auth, "HealthCheck", {})).healthy, true);
    await refused("ALREADY_EXISTS", ask(auth, "Register", { email, password }));
    await refused("UNAUTHENTICATED", ask(auth, "Authenticate", { email, password: "wrong horse" }));
  },

  async records() {
    const made = await add({ media_pieces: [{ kind: "VINYL", sides: { A: "VG+", B: "" } }] });
    assert.strictEqual(made.price_paid, 24.99);
    assert.deepStrictEqual(made.media_pieces[0].sides, { A: "VG+", B: "" });
    assert.deepStrictEqual((await ask(records, "GetRecord", { record_id: made.id })).record, made);
    const changed = (await ask(records, "UpdateRecord", { record_id: made.id, record: { name: "Laughing Stock" } })).record;
    assert.deepStrictEqual([changed.name, changed.has_insert, changed.version], ["Laughing Stock", true, 2]);
    const masked = await ask(records, "UpdateRecord", { record_id: made.id, record: {}, update_mask: { paths: ["has_insert"] } });
    assert.strictEqual(masked.record.has_insert, false);
    const found = await ask(records, "SearchRecords", { query: "laughing stock", limit: 5 });
    assert.deepStrictEqual(found.records.map((record) => record.id), [made.id]);
    assert.strictEqual(found.total, 1);
    assert.strictEqual((await ask(records, "DeleteRecord", { record_id: made.id })).success, true);
    assert.strictEqual((await ask(records, "HealthCheck", {})).healthy, true);
  },

  async errors() {
    const nobody = "00000000-0000-4000-8000-000000000000";
    await refused("NOT_FOUND", ask(records, "GetRecord", { record_id: nobody }));
    await refused("PERMISSION_DENIED", ask(records, "GetRecord", { record_id: nobody, user_id: nobody }));
    await refused("UNAUTHENTICATED", ask(records, "GetRecord", { record_id: nobody }, { authorization: "Bearer x" }));
    const made = await add();
    await refused("ABORTED", ask(records, "UpdateRecord", { record_id: made.id, record: { name: "x" } }, { "if-match": '"other"' }));
    const error = await refused("INVALID_ARGUMENT", ask(records, "CreateRecord", { record: { ...ALBUM, record_grade: "shiny" } }));
    const status = read("google.rpc.Status", error.metadata.get("grpc-status-details-bin")[0]);
    const bad = read("google.rpc.BadRequest", status.details[0].value);
    assert.deepStrictEqual(bad.field_violations.map((row) => row.field), ["record_grade"]);
    await refused("UNIMPLEMENTED", new Promise((done, failed) => records.makeUnaryRequest(
      "/records.RecordsService/Nothing", () => Buffer.alloc(0), (bytes) => bytes, {}, metadata(), (error, answer) => (error ? failed(error) : done(answer)))));
    await refused("DEADLINE_EXCEEDED", collect(records.WatchRecords({}, metadata(), { deadline: Date.now() + 300 })));
  },

  async streams() {
    for (let n = 0; n < 20; n++) await add({ name: `name ${n}` });
    assert.strictEqual((await collect(records.StreamRecords({}, metadata()))).length, 20);
    assert.strictEqual((await collect(records.StreamRecords({ query: "talk", limit: 7 }, metadata()))).length, 7);
    const slow = records.StreamRecords({}, metadata());
    let n = 0;
    await refused("CANCELLED", (async () => {
      for await (const record of slow) {
        assert.ok(record.id);
        if (++n === 3) slow.cancel();
        await new Promise((done) => setTimeout(done, 2));
      }
    })());
    assert.ok(n >= 3);
  },

  async watch() {
    const watch = records.WatchRecords({}, metadata());
    const changes = watch[Symbol.asyncIterator]();
    let last;
    for (let n = 0; n < 5; n++) {
      const made = await add({ name: `name ${n}` });
      last = (await changes.next()).value;
      assert.deepStrictEqual([last.record.id, last.version, last.deleted], [made.id, n + 1, false]);
    }
    await ask(records, "DeleteRecord", { record_id: last.record.id });
    const gone = (await changes.next()).value;
    assert.deepStrictEqual([gone.record.id, gone.deleted, gone.version], [last.record.id, true, 6]);
    watch.on("error", () => {});
    watch.cancel();
  },

  async hundred() {
    const made = await add();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(records, "GetRecord", { record_id: made.id })));
    assert.ok(answers.every((answer) => answer.record.id === made.id));
    const streams = await Promise.all(Array.from({ length: 100 }, () => collect(records.StreamRecords({}, metadata()))));
    assert.ok(streams.every((all) => all.length === 1));
  },

  // The address names several servers.
  async balance() {
    for (let n = 0; n < 40; n++) await ask(records, "SearchRecords", { query: `word ${n}` });
  },

  // The server is another one when a line comes.
  async reconnect() {
    await ask(records, "SearchRecords", { query: "before" });
    console.log("ready");
    await new Promise((done) => readline.createInterface({ input: process.stdin }).once("line", done));
    await ask(records, "SearchRecords", { query: "after" }, {}, { deadline: Date.now() + 30000, waitForReady: true });
  },
};

// The loader makes readers of what services use only.
function read(name, bytes) {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => `${given.proto}/${target}`;
  root.loadSync(["google/rpc/status.proto", "google/rpc/error_details.proto"], { keepCase: true });
  return root.lookupType(name).decode(bytes);
}

scenarios[process.argv[2]]().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
