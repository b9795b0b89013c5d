/* SPDX-License-Identifier: MIT */
/* Text that is well-formed UTF-8 from end to end is UTF-8: other encodings hardly ever are by chance. */
#include "codec/encoding.h"

#include "codec/utf8.h"

static void note_first(struct encoding_scan *scan, struct str chunk)
{
	for (size_t i = 0; i < chunk.len && scan->n_first < sizeof(scan->first); i++)
		scan->first[scan->n_first++] = chunk.at[i];
}

/* Completes the cut sequence from the chunk's front, byte by byte. Returns what is left of the chunk. */
static struct str complete_carried(struct encoding_scan *scan, struct str chunk)
{
	while (scan->n_carried && chunk.len) {
		if (scan->n_carried == sizeof(scan->carried)) {
			scan->broken = true;
			return chunk;
		}
		scan->carried[scan->n_carried++] = chunk.at[0];
		chunk = str_skip(chunk, 1);
		if (utf8_sequence((struct str){ scan->carried, scan->n_carried }))
			scan->n_carried = 0;
	}
	return chunk;
}

void encoding_scan_add(struct encoding_scan *scan, struct str chunk)
{
	note_first(scan, chunk);
	if (scan->broken)
		return;
	chunk = complete_carried(scan, chunk);
	while (chunk.len) {
		chunk = str_skip(chunk, utf8_ascii(chunk));
		size_t len = utf8_sequence(chunk);
		if (len == 0)
			break;
		chunk = str_skip(chunk, len);
	}
	if (chunk.len >= sizeof(scan->carried)) {
		scan->broken = true;
		return;
	}
	for (; chunk.len; chunk = str_skip(chunk, 1))
		scan->carried[scan->n_carried++] = chunk.at[0];
}

enum text_encoding encoding_scan_result(const struct encoding_scan *scan)
{
	unsigned char a = (unsigned char)scan->first[0], b = (unsigned char)scan->first[1];

	if (scan->n_first == 2 && ((a == 0xff && b == 0xfe) || (a == 0xfe && b == 0xff)))
		return TEXT_UTF16;
	return scan->broken || scan->n_carried ? TEXT_LATIN1 : TEXT_UTF8;
}
