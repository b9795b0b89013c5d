/* SPDX-License-Identifier: MIT */
/* A line with a content type, then a form: a file that is found lies in the form, and holds no delimiter. */
#include <stdint.h>

#include "app/import_multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body, type = str_cut((struct str){ (const char *)data, size }, '\n', &body);
	struct str boundary = multipart_boundary(type);

	if (!str_present(boundary) || !str_present(body))
		return 0;
	struct str file = multipart_file(body, boundary);
	if (!str_present(file))
		return 0;
	check(file.at >= body.at && file.at + file.len <= body.at + body.len);
	for (size_t at = 0; (at = str_find(file, STR("\r\n--"))) != SIZE_MAX; file = str_skip(file, at + 4))
		check(!str_starts(str_skip(file, at + 4), boundary));
	return 0;
}
