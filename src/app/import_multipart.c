/* SPDX-License-Identifier: MIT */
/* multipart/form-data: boundaries and parts. */
#include "app/import_multipart.h"

#include <string.h>

enum { LONGEST_BOUNDARY = 70 };

struct str multipart_boundary(struct str content_type)
{
	static const struct str key = STR("boundary=");
	struct str rest, type = str_trim(str_cut(content_type, ';', &rest));

	if (!str_equal_nocase(type, STR("multipart/form-data")))
		return STR_ABSENT;
	while (str_present(rest)) {
		struct str parameter = str_trim(str_cut(rest, ';', &rest));
		if (!str_equal_nocase(str_first(parameter, key.len), key))
			continue;
		struct str boundary = str_skip(parameter, key.len);
		if (boundary.len >= 2 && boundary.at[0] == '"' && str_ends(boundary, STR("\"")))
			boundary = str_first(str_skip(boundary, 1), boundary.len - 2);
		return boundary.len >= 1 && boundary.len <= LONGEST_BOUNDARY ? boundary : STR_ABSENT;
	}
	return STR_ABSENT;
}

/* Whether the part's head has a disposition with a file name. */
static bool names_file(struct str head)
{
	static const struct str disposition = STR("content-disposition:");

	while (str_present(head)) {
		struct str line = str_trim(str_cut(head, '\n', &head));
		if (str_equal_nocase(str_first(line, disposition.len), disposition))
			return str_find(line, STR("filename=")) != SIZE_MAX ||
			       str_find(line, STR("filename*=")) != SIZE_MAX;
	}
	return false;
}

struct str multipart_file(struct str body, struct str boundary)
{
	char room[LONGEST_BOUNDARY + 4] = "\r\n--";
	struct str delimiter = { room, boundary.len + 4 };
	size_t at, end;

	check(boundary.len <= LONGEST_BOUNDARY);
	memcpy(room + 4, boundary.at, boundary.len);
	/* The first delimiter may stand at the very beginning, where no line ends before it. */
	struct str opening = str_skip(delimiter, 2);
	if (str_starts(body, opening))
		body = str_skip(body, opening.len);
	else if ((at = str_find(body, delimiter)) != SIZE_MAX)
		body = str_skip(body, at + delimiter.len);
	else
		return STR_ABSENT;
	while (!str_starts(body, STR("--"))) {
		size_t head = str_find(body, STR("\r\n\r\n"));
		if (head == SIZE_MAX)
			return STR_ABSENT;
		struct str content = str_skip(body, head + 4);
		/* An empty part's delimiter begins with the end of its head. */
		end = str_find(str_skip(body, head + 2), delimiter);
		if (end == SIZE_MAX)
			return STR_ABSENT;
		if (names_file(str_first(body, head)))
			return str_first(content, end >= 2 ? end - 2 : 0);
		body = str_skip(body, head + 2 + end + delimiter.len);
	}
	return STR_ABSENT;
}
