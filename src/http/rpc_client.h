/* SPDX-License-Identifier: MIT */
/* gRPC as a client, blocking, one call at a time: for `recordd call`. */
#ifndef HTTP_RPC_CLIENT_H
#define HTTP_RPC_CLIENT_H

#include "http/grpc_status.h"
#include "net/dial.h"

struct rpc_client;

/* One call, and how it ended. */
struct rpc_call {
	struct str path;	  /* "/records.RecordsService/GetRecord" */
	struct str token;	  /* for the metadata `authorization`; absent: none */
	struct str_list messages; /* all that is to be sent */
	/* Each message as it comes; false: enough, the call is given up. */
	bool (*received)(void *arg, struct str message);
	void *arg;

	enum grpc_code code;
	struct str said;    /* what the server says of it; in the arena */
	struct str details; /* a google.rpc.Status, or absent */
};

/* Over a connection, which it does not own. NULL without memory. */
must_use struct rpc_client *rpc_client_new(struct dial *dial, struct str authority, struct arena *arena);
/* NULL is allowed. */
void rpc_client_free(struct rpc_client *client);
/* True when the call came to its end, whatever that was; false with *said when the connection did. */
must_use bool rpc_client_call(struct rpc_client *client, struct rpc_call *call, struct str *said);

#endif
