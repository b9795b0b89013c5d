/* SPDX-License-Identifier: MIT */
/* auth.AuthService/ValidateToken: the gate's own judgement of a token, told as an answer. */
#include "app/grpc_map.h"
#include "app/grpc_methods.h"
#include "app/users.h"
#include "app/users_session.h"
#include "auth.pb-c.h"
#include "http/server.h"
#include "store_statements.h"

enum { LARGEST_ANSWER = 4096 };

static struct turn reply_invalid(struct call *call)
{
	return grpc_reply(call, STR(""));
}

static struct turn auth_validate_token_send(struct call *call)
{
	owned(buf_free) struct buf json = buf_of(LARGEST_ANSWER), message = buf_of(LARGEST_ANSWER);
	struct json_out out = json_out_of(&json);
	struct proto_writer writer = { 0 };
	struct str said;

	if (db_n_rows(call->rows) == 0)
		return reply_invalid(call);
	struct store_accounts_get_row row = store_accounts_get_row(call, 0);
	json_object(&out);
	json_put_bool(&out, STR("valid"), true);
	json_key(&out, STR("user"));
	account_render(&out, &(struct account){ call->identity->user, row.email, row.created_at });
	json_object_end(&out);
	if (!proto_write(&writer, &auth__validate_token_response__descriptor, buf_str(&json), &message, &said) ||
	    buf_failed(&message))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	return grpc_reply(call, buf_str(&message));
}

/* A request that has the token where the gate looks for it. */
static bool carry(struct request *probe, struct str token, struct arena *arena)
{
	struct str value = arena_concat(arena, (struct str[]){ STR("Bearer "), token }, 2);

	*probe = (struct request){ 0 };
	return str_present(value) && headers_add(&probe->headers, arena, STR("authorization"), value);
}

struct turn auth_validate_token(struct call *call)
{
	struct app *app = app_of(call);
	struct proto_message message;
	const struct problem *problem = grpc_map_read(&auth__validate_token_request__descriptor, grpc_message(call),
						      call->arena, NULL, &message);
	struct request *probe = arena_new_of(call->arena, struct request);

	if (problem)
		return call_fail(call, problem);
	if (!probe || !carry(probe, proto_text(&message, 0), call->arena))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	int identified = app_identify(app, probe, call->arena, &call->identity, &problem);
	if (identified == HTTP_REFUSED && problem->kind != PROBLEM_UNAUTHENTICATED)
		return call_fail(call, problem);
	/* An API token is no access token, known or not. */
	if (identified != HTTP_IDENTIFIED || !(call->identity->scopes & AUTH_ACCOUNT))
		return reply_invalid(call);
	return store_accounts_get(call, app->db, &call->identity->user, STEP(auth_validate_token_send));
}
