/* SPDX-License-Identifier: MIT */
/* The parts of a record that are lists, out of JSON; for record_json.c. */
#ifndef APP_RECORD_JSON_H
#define APP_RECORD_JSON_H

#include "app/record.h"

/* Who says it: a client may not set what is ours, a file's ids mean nothing here, the store is believed. */
enum record_source { RECORD_OF_CLIENT, RECORD_OF_FILE, RECORD_OF_STORE };

/* Replaces *pieces, which hold the stored ones. null clears. */
void record_pieces_of_json(struct media_pieces *pieces, const struct json *json, enum record_source source,
			   struct record_check *check);
/* Replaces *extra; null clears, and a null in it leaves that key out. */
void record_extra_of_json(struct record_extra *extra, const struct json *json, struct record_check *check);

#endif
