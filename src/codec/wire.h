/* SPDX-License-Identifier: MIT */
/*
 * The wire format of Protocol Buffers: tags, numbers and lengths. What they mean is said by a descriptor
 * (codec/proto.h); here are only bytes.
 */
#ifndef CODEC_WIRE_H
#define CODEC_WIRE_H

#include "base/buf.h"

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
	WIRE_FIXED32 = 5,
};

struct wire_field {
	uint32_t id;
	enum wire_type type;
	uint64_t number;  /* of all but WIRE_BYTES; as it is encoded */
	struct str bytes; /* of WIRE_BYTES; in the input */
};

enum wire_outcome { WIRE_FIELD = 0, WIRE_END = 1, WIRE_BROKEN = 2 };

/* Takes the next field off *rest; groups, which nobody writes any more, are stepped over. */
must_use int wire_next(struct str *rest, struct wire_field *out);
/* Takes one varint off *rest; false when there is none, or it has more than 64 bits. */
must_use bool wire_varint(struct str *rest, uint64_t *out);

void wire_put_varint(struct buf *to, uint64_t value);
/* A field with its tag. Negative numbers of int32 and int64 are given as their 64 bits. */
void wire_put_number(struct buf *to, uint32_t id, uint64_t value);
void wire_put_fixed64(struct buf *to, uint32_t id, uint64_t value);
void wire_put_fixed32(struct buf *to, uint32_t id, uint32_t value);
void wire_put_bytes(struct buf *to, uint32_t id, struct str bytes);

/* A field that is a message, written in place: what is added between the two is its content. */
must_use size_t wire_open(struct buf *to, uint32_t id);
void wire_close(struct buf *to, size_t opened);

#endif
