/* SPDX-License-Identifier: MIT */
/* Byte ranges. */
#include "http/range.h"

static int last_bytes(struct str count, size_t size, size_t *first, size_t *len)
{
	int64_t n;
	if (!str_to_int(count, 0, INT64_MAX, &n))
		return RANGE_IGNORED;
	if (n == 0 || size == 0)
		return RANGE_UNSATISFIABLE;
	*len = (uint64_t)n < size ? (size_t)n : size;
	*first = size - *len;
	return RANGE_OK;
}

int range_parse(struct str value, size_t size, size_t *first, size_t *len)
{
	struct str set, from, to;
	int64_t begin, end = INT64_MAX;

	if (!str_present(value) || !str_equal_nocase(str_trim(str_cut(value, '=', &set)), STR("bytes")))
		return RANGE_IGNORED;
	if (!str_present(set) || str_find_char(set, ',') < set.len)
		return RANGE_IGNORED;
	from = str_cut(str_trim(set), '-', &to);
	if (!str_present(to))
		return RANGE_IGNORED;
	if (from.len == 0)
		return last_bytes(to, size, first, len);
	if (!str_to_int(from, 0, INT64_MAX, &begin) || (to.len && !str_to_int(to, 0, INT64_MAX, &end)) || end < begin)
		return RANGE_IGNORED;
	if ((uint64_t)begin >= size)
		return RANGE_UNSATISFIABLE;
	*first = (size_t)begin;
	*len = (uint64_t)end < size - 1 ? (size_t)(end - begin) + 1 : size - *first;
	return RANGE_OK;
}
