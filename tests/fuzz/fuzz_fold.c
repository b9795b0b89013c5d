/* SPDX-License-Identifier: MIT */
/* Folding any bytes: bounded, valid UTF-8, and folding again changes nothing. */
#include "codec/fold.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned(arena_drop) struct arena *arena = arena_new(16 << 20);
	struct str text = { (const char *)data, size };
	struct str rest, first = str_cut(text, '\n', &rest);
	struct fold_record record = { .artist = first, .name = rest, .catalog_number = first, .notes = text };
	struct fold_query query;
	struct fold_index index;

	if (!arena || size > 20000)
		return 0;
	check(fold_query(arena, text, &query) && utf8_valid(query.key));
	check(str_equal(fold_key(arena, query.key), query.key));
	check(query.words.n <= FOLD_MAX_QUERY_WORDS);
	for (size_t i = 0; i < query.words.n; i++)
		check(query.words.items[i].len > 0 && query.words.items[i].len <= FOLD_MAX_WORD &&
		      utf8_valid(query.words.items[i]));
	check(fold_record(arena, &record, &index));
	check(utf8_valid(index.terms));
	for (struct str terms = index.terms; terms.len;)
		check(str_cut(terms, '\n', &terms).len > 6);
	return 0;
}
