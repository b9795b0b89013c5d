// SPDX-License-Identifier: MIT
// @grpc/grpc-js answering the same bytes to every call:  node grpc_js_server.js PORT SIZE TLS_DIRECTORY
"use strict";
const fs = require("node:fs");
const grpc = require("@grpc/grpc-js");

const [port, size, directory] = process.argv.slice(2);
const answer = Buffer.alloc(Number(size), 7);
const same = (bytes) => bytes;
const method = { path: "/records.RecordsService/SearchRecords", requestStream: false, responseStream: false, requestSerialize: same,
  requestDeserialize: same, responseSerialize: same, responseDeserialize: same };
const credentials = grpc.ServerCredentials.createSsl(null, [
  { cert_chain: fs.readFileSync(`${directory}/server.pem`), private_key: fs.readFileSync(`${directory}/server-key.pem`) },
]);
const server = new grpc.Server();
server.addService({ SearchRecords: method }, { SearchRecords: (call, done) => done(null, answer) });
server.bindAsync(`127.0.0.1:${port}`, credentials, (error) => {
  if (error) throw error;
  console.log("ready");
});
