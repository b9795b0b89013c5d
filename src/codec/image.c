/* SPDX-License-Identifier: MIT */
/* Pictures: which format, and by which reader. */
#include "codec/image.h"

#include "codec/image_inside.h"

static const struct {
	enum image_type type;
	struct str media_type;
	int (*clean)(struct str bytes, struct buf *to, struct image *facts);
} formats[] = {
	{ IMAGE_JPEG, STR("image/jpeg"), image_clean_jpeg },
	{ IMAGE_PNG, STR("image/png"), image_clean_png },
	{ IMAGE_WEBP, STR("image/webp"), image_clean_webp },
};

enum image_type image_type_of(struct str bytes)
{
	if (str_starts(bytes, STR("\xff\xd8\xff")))
		return IMAGE_JPEG;
	if (str_starts(bytes, STR("\x89PNG\r\n\x1a\n")))
		return IMAGE_PNG;
	if (str_starts(bytes, STR("RIFF")) && str_starts(str_skip(bytes, 8), STR("WEBP")))
		return IMAGE_WEBP;
	return IMAGE_UNKNOWN;
}

struct str image_media_type(enum image_type type)
{
	for (size_t i = 0; i < countof(formats); i++)
		if (formats[i].type == type)
			return formats[i].media_type;
	return STR_ABSENT;
}

enum image_type image_type_named(struct str media_type)
{
	struct str parameters, bare = str_trim(str_cut(media_type, ';', &parameters));

	for (size_t i = 0; i < countof(formats); i++)
		if (str_equal_nocase(formats[i].media_type, bare))
			return formats[i].type;
	return IMAGE_UNKNOWN;
}

int image_clean(struct str bytes, uint32_t max_side, struct buf *to, struct image *facts)
{
	*facts = (struct image){ .type = image_type_of(bytes) };
	for (size_t i = 0; i < countof(formats); i++) {
		if (formats[i].type != facts->type)
			continue;
		int outcome = formats[i].clean(bytes, to, facts);
		if (outcome)
			return outcome;
		if (facts->width > max_side || facts->height > max_side)
			return IMAGE_TOO_LARGE;
		return buf_failed(to) ? IMAGE_NO_ROOM : IMAGE_OK;
	}
	return IMAGE_FOREIGN;
}
