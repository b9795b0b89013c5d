/* SPDX-License-Identifier: MIT */
/* The bound on what a connection's streams have ready: whoever waits for room hears of it when there is some. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/outflow.h"

enum { MAX = 65536, AT_ONCE = 1 << 20 };

struct fixture {
	struct http_server server;
	struct outflow outflow;
	struct exchange first, second;
};

static void begin(struct fixture *fixture)
{
	*fixture = (struct fixture){ .server.settings.reply_mark = MAX };
	outflow_init(&fixture->outflow, MAX);
	fixture->first.server = fixture->second.server = &fixture->server;
	fixture->first.outflow = fixture->second.outflow = &fixture->outflow;
	assert_true(outflow_admits_next(&fixture->first, AT_ONCE));
	assert_false(outflow_admits_next(&fixture->second, AT_ONCE));
	assert_true(link_listed(&fixture->second.turn));
}

static void stream_that_waits_would_wait_for_ever_when_another_ends_without_more(void **state)
{
	struct fixture fixture;
	(void)state;
	begin(&fixture);
	outflow_leave(&fixture.first);
	assert_false(link_listed(&fixture.second.turn)); /* invited */
	assert_true(outflow_admits_next(&fixture.second, AT_ONCE));
}

static void stream_that_waits_would_not_be_invited_when_bytes_went(void **state)
{
	struct fixture fixture;
	(void)state;
	begin(&fixture);
	outflow_came(&fixture.first, MAX);
	assert_true(link_listed(&fixture.second.turn));
	outflow_went(&fixture.first, 1);
	assert_false(link_listed(&fixture.second.turn));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_that_waits_would_wait_for_ever_when_another_ends_without_more),
		cmocka_unit_test(stream_that_waits_would_not_be_invited_when_bytes_went),
	};
	return cmocka_run_group_tests_name("outflow", tests, NULL, NULL);
}
