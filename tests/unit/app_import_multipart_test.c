/* SPDX-License-Identifier: MIT */
/* A file chosen in a browser's form must arrive byte for byte, whatever else the form holds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/import_multipart.h"

static void assert_text(struct str got, const char *wanted)
{
	if (!str_equal(got, str_of(wanted)))
		fail_msg("got %.*s, wanted %s", STR_ARG(got), wanted ? wanted : "nothing");
}

static void the_boundary_is_found_in_any_spelling(void **state)
{
	(void)state;
	assert_text(multipart_boundary(STR("multipart/form-data; boundary=abc")), "abc");
	assert_text(multipart_boundary(STR("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"")), "a b");
	assert_text(multipart_boundary(STR("multipart/form-data")), NULL);
	assert_text(multipart_boundary(STR("multipart/form-data; boundary=")), NULL);
	assert_text(multipart_boundary(STR("text/csv")), NULL);
	assert_text(multipart_boundary(STR_ABSENT), NULL);
}

static void the_file_is_found_among_other_fields(void **state)
{
	static const char body[] =
		"preamble\r\n--B\r\nContent-Disposition: form-data; name=\"dryRun\"\r\n\r\ntrue\r\n--B\r\n"
		"content-type: text/csv\r\nCONTENT-DISPOSITION: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
		"artist,name\r\nCan,x\r\n--B--\r\nepilogue";
	(void)state;
	assert_text(multipart_file(str_of(body), STR("B")), "artist,name\r\nCan,x");
	assert_text(multipart_file(str_of(body), STR("Other")), NULL);
	static const char plain[] = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
				    "artist,name\r\nCan,\"--B\"\r\n\r\n--B--";
	assert_text(multipart_file(str_of(plain), STR("B")), "artist,name\r\nCan,\"--B\"\r\n");
	static const char second[] =
		"--B\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n--B\r\n"
		"Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''%61\r\n\r\nabc\r\n--B--\r\n";
	assert_text(multipart_file(str_of(second), STR("B")), "abc");
	static const char empty[] = "--B\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\n\r\n--B--\r\n";
	assert_text(multipart_file(str_of(empty), STR("B")), "");
}

static void a_torn_form_gives_no_file(void **state)
{
	static const char whole[] =
		"--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nabc\r\n--B";
	(void)state;
	assert_text(multipart_file(str_of(whole), STR("B")), "abc");
	for (size_t len = 0; len < sizeof(whole) - 1; len++)
		assert_text(multipart_file(str_first(str_of(whole), len), STR("B")), NULL);
	assert_text(multipart_file(STR("--B--\r\n"), STR("B")), NULL);
	assert_text(multipart_file(STR("artist,name\r\nCan,x\r\n"), STR("B")), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_boundary_is_found_in_any_spelling),
		cmocka_unit_test(the_file_is_found_among_other_fields),
		cmocka_unit_test(a_torn_form_gives_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
