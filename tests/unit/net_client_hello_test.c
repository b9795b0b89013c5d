/* SPDX-License-Identifier: MIT */
/* What is seen of a ClientHello before TLS is asked, and the alert for each that is not worth asking. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <mbedtls/ssl.h>
#include <stdlib.h>

#include "../support/hello_made.h"
#include "net/quic/client_hello.h"

static int setup(void **state)
{
	*state = arena_new(1 << 20);
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* From memory of its exact size, so that a byte read beyond it is noticed. */
static int parse(struct str message, struct client_hello *hello)
{
	char *copy = malloc(message.len ? message.len : 1);
	assert_non_null(copy);
	memcpy(copy, message.at, message.len);
	int alert = client_hello_parse((struct str){ copy, message.len }, hello);
	if (!alert)
		hello->transport_params.at = message.at + (hello->transport_params.at - copy);
	free(copy);
	return alert;
}

static int alert_for(struct str message)
{
	struct client_hello hello;
	return parse(message, &hello);
}

static void client_would_be_turned_away(void **state)
{
	struct client_hello hello;
	assert_int_equal(parse(hello_made(*state, HELLO_WHOLE), &hello), 0);
	assert_true(str_equal(hello.transport_params, str_skip(EXT_PARAMS, 4)));
	/* GREASE, twice the same unknown one, and padding */
	assert_int_equal(alert_for(hello_made(*state, STR("\x0a\x0a\x00\x00"), HELLO_WHOLE, STR("\x00\x15\x00\x02\0\0"),
					      STR("\x6a\x6a\x00\x01!"), STR("\x6a\x6a\x00\x01!"))),
			 0);
	/* TLS 1.3 among others */
	assert_int_equal(alert_for(hello_made(*state, STR("\x00\x2b\x00\x07\x06\x1a\x1a\x03\x04\x03\x03"), EXT_ALPN_H3,
					      EXT_PARAMS)),
			 0);
}

static void old_client_would_not_hear_why(void **state)
{
	assert_int_equal(alert_for(hello_made(*state, EXT_TLS12, EXT_ALPN_H3, EXT_PARAMS)),
			 MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION);
	assert_int_equal(alert_for(hello_made(*state, EXT_ALPN_H3, EXT_PARAMS)),
			 MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION);
	/* of a time before extensions: none, not even their length */
	struct str old = hello_made(*state, STR(""));
	char *bare = (char *)(uintptr_t)old.at;
	bare[3] = (char)(bare[3] - 2);
	assert_int_equal(alert_for(str_first(old, old.len - 2)), MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION);
}

static void handshake_would_go_on_without_protocol_or_parameters(void **state)
{
	assert_int_equal(alert_for(hello_made(*state, EXT_TLS13, EXT_PARAMS)),
			 MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL);
	assert_int_equal(alert_for(hello_made(*state, EXT_TLS13, EXT_ALPN_H3)),
			 MBEDTLS_SSL_ALERT_MSG_MISSING_EXTENSION);
}

static void middlebox_tricks_would_pass(void **state)
{
	assert_int_equal(alert_for(hello_made_as(*state, STR("legacy session id"), HELLO_WHOLE, STR_ABSENT)),
			 CLIENT_HELLO_VIOLATION);
}

static void second_of_two_extensions_would_count(void **state)
{
	assert_int_equal(alert_for(hello_made(*state, HELLO_WHOLE, EXT_PARAMS)),
			 MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER);
	assert_int_equal(alert_for(hello_made(*state, HELLO_WHOLE, EXT_ALPN_OTHER)),
			 MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER);
	assert_int_equal(alert_for(hello_made(*state, HELLO_WHOLE, EXT_TLS12)),
			 MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER);
	assert_int_equal(alert_for(hello_made(*state, HELLO_WHOLE, EXT_GROUPS)),
			 MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER);
}

static void lengths_would_be_believed(void **state)
{
	struct str whole = hello_made(*state, HELLO_WHOLE);
	/* cut anywhere */
	for (size_t len = 1; len < whole.len; len++)
		assert_int_equal(alert_for(str_first(whole, len)), MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR);
	/* a byte too many */
	assert_int_equal(alert_for(str_first(hello_made(*state, HELLO_WHOLE, STR("x")), whole.len + 1)),
			 MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR);
	assert_int_equal(alert_for(STR("")), MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
	/* lists of protocols: longer than the extension, shorter, empty, with an empty name, with a torn one */
	const struct str lists[] = {
		STR("\x00\x10\x00\x05\x00\x04\x02h3"), STR("\x00\x10\x00\x05\x00\x02\x02h3"),
		STR("\x00\x10\x00\x02\x00\x00"),       STR("\x00\x10\x00\x06\x00\x04\x02h3\x00"),
		STR("\x00\x10\x00\x05\x00\x03\x03h3"), STR("\x00\x10\x00\x00"),
	};
	for (size_t i = 0; i < countof(lists); i++)
		assert_int_equal(alert_for(hello_made(*state, EXT_TLS13, lists[i], EXT_PARAMS)),
				 MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR);
}

static void other_messages_would_pass_for_one(void **state)
{
	struct str message = hello_made(*state, HELLO_WHOLE);
	char *bytes = (char *)(uintptr_t)message.at;
	for (int type = 0; type < 256; type++)
		if (type != 1) {
			bytes[0] = (char)type;
			assert_int_equal(alert_for(message), MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(client_would_be_turned_away, setup, teardown),
		cmocka_unit_test_setup_teardown(old_client_would_not_hear_why, setup, teardown),
		cmocka_unit_test_setup_teardown(handshake_would_go_on_without_protocol_or_parameters, setup, teardown),
		cmocka_unit_test_setup_teardown(middlebox_tricks_would_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(second_of_two_extensions_would_count, setup, teardown),
		cmocka_unit_test_setup_teardown(lengths_would_be_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(other_messages_would_pass_for_one, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
