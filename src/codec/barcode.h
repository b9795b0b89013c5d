/* SPDX-License-Identifier: MIT */
/* Barcodes as they stand on sleeves: EAN-13, UPC-A, EAN-8, and what else there is. */
#ifndef CODEC_BARCODE_H
#define CODEC_BARCODE_H

#include "base/arena.h"

enum { BARCODE_MAX = 32 }; /* digits */

/* The digits of one as it is typed or printed: blanks and dashes are dropped. Absent for anything else, or over budget. */
struct str barcode_digits(struct arena *arena, struct str text);
/* Whether the last digit is the check digit of the others, where the length (8, 12, 13, 14) says that there is one. */
bool barcode_is_right(struct str digits);
/* Under which a UPC and the EAN that it is part of are the same: without leading zeros. Absent where nothing is left. */
struct str barcode_key(struct str digits);

#endif
