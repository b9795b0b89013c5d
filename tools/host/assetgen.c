/* SPDX-License-Identifier: MIT */
/*
 * assetgen OUT_DIR SRC_DIR: packs the files of SRC_DIR, with gzip and brotli twins, into web_assets.S and a table.
 *
 * A twin is made only where it saves a tenth or more. A file below /assets/ has a content hash in its name and may be
 * cached for good.
 */
#include <brotli/encode.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { MAX_ASSETS = 1024, LARGEST_ASSET = 64 << 20 };

static const struct type {
	const char *ending, *content_type;
	bool compressible;
} types[] = {
#define PAGE_TYPE(ending, content_type, compressible) { ending, content_type, compressible },
#include "web/page_types.def"
#undef PAGE_TYPE
};

struct bytes {
	uint8_t *at;
	size_t len;
};

struct packed {
	char path[PATH_MAX]; /* below SRC_DIR, with a leading '/' */
	const struct type *type;
	uint64_t hash;
	size_t identity, gzip, brotli; /* lengths; 0: no such twin */
	bool immutable;
};

static struct packed assets[MAX_ASSETS];
static size_t n_assets;
static char *paths[MAX_ASSETS]; /* as found */
static size_t n_paths;
static const char *out_dir, *src_dir;

static void __attribute__((noreturn)) fail(const char *path, const char *why)
{
	fprintf(stderr, "assetgen: %s: %s\n", path, why);
	exit(1);
}

static void *must(void *memory)
{
	if (!memory)
		fail("memory", "none left");
	return memory;
}

static struct bytes read_file(const char *path)
{
	struct stat facts;
	FILE *file = fopen(path, "rb");

	if (!file || fstat(fileno(file), &facts))
		fail(path, strerror(errno));
	if (facts.st_size > LARGEST_ASSET)
		fail(path, "larger than 64 MB");
	struct bytes bytes = { must(malloc((size_t)facts.st_size + 1)), (size_t)facts.st_size };
	if (fread(bytes.at, 1, bytes.len, file) != bytes.len)
		fail(path, "short read");
	fclose(file);
	return bytes;
}

static FILE *open_out(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", out_dir, name);
	FILE *file = fopen(path, "wb");
	if (!file)
		fail(path, strerror(errno));
	return file;
}

static void write_twin(size_t index, const char *ending, struct bytes bytes)
{
	char name[64];

	snprintf(name, sizeof(name), "web_asset_%zu.%s", index, ending);
	FILE *file = open_out(name);
	if (fwrite(bytes.at, 1, bytes.len, file) != bytes.len || fclose(file))
		fail(name, "cannot be written");
}

/* The size of the twin that was kept, or 0 when it saved too little. */
static size_t keep_if_smaller(size_t index, const char *ending, struct bytes whole, struct bytes twin)
{
	bool worth = twin.len && twin.len < whole.len - whole.len / 10;

	if (worth)
		write_twin(index, ending, twin);
	free(twin.at);
	return worth ? twin.len : 0;
}

static struct bytes gzip(struct bytes whole)
{
	z_stream stream = { 0 };

	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		fail("zlib", "cannot start");
	struct bytes twin = { NULL, deflateBound(&stream, whole.len) };
	twin.at = must(malloc(twin.len));
	stream.next_in = whole.at;
	stream.avail_in = (uInt)whole.len;
	stream.next_out = twin.at;
	stream.avail_out = (uInt)twin.len;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		fail("zlib", "cannot compress");
	twin.len = stream.total_out;
	deflateEnd(&stream);
	return twin;
}

static struct bytes brotli(struct bytes whole)
{
	struct bytes twin = { NULL, BrotliEncoderMaxCompressedSize(whole.len) };

	twin.at = must(malloc(twin.len));
	if (!BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC, whole.len, whole.at, &twin.len, twin.at))
		fail("brotli", "cannot compress");
	return twin;
}

static uint64_t fnv1a(struct bytes bytes)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ bytes.at[i]) * 0x100000001b3;
	return hash;
}

static const struct type *type_of(const char *path)
{
	size_t len = strlen(path);

	for (const struct type *type = types;; type++) {
		size_t n = strlen(type->ending);
		if (len >= n && strcmp(path + len - n, type->ending) == 0)
			return type;
	}
}

/* Vite puts into /assets/ what it names by its content. */
static bool names_its_hash(const char *path)
{
	static const char folder[] = "/assets/";

	return strncmp(path, folder, sizeof(folder) - 1) == 0;
}

static void pack(const char *relative)
{
	char path[PATH_MAX * 2];
	struct packed *asset = &assets[n_assets];

	snprintf(path, sizeof(path), "%s%s", src_dir, relative);
	snprintf(asset->path, sizeof(asset->path), "%s", relative);
	struct bytes whole = read_file(path);
	asset->type = type_of(relative);
	asset->hash = fnv1a(whole);
	asset->identity = whole.len;
	asset->immutable = names_its_hash(relative);
	write_twin(n_assets, "bin", whole);
	if (asset->type->compressible) {
		asset->gzip = keep_if_smaller(n_assets, "gz", whole, gzip(whole));
		asset->brotli = keep_if_smaller(n_assets, "br", whole, brotli(whole));
	}
	free(whole.at);
	n_assets++;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void note(const char *relative)
{
	if (n_paths == MAX_ASSETS)
		fail(relative, "more than 1024 assets");
	paths[n_paths++] = must(strdup(relative));
}

static void walk(const char *relative)
{
	char path[PATH_MAX * 2];
	struct dirent **entries;

	snprintf(path, sizeof(path), "%s%s", src_dir, relative);
	int n = scandir(path, &entries, NULL, NULL);
	if (n < 0)
		fail(path, strerror(errno));
	for (int i = 0; i < n; i++) {
		char below[PATH_MAX];
		struct stat facts;
		if (entries[i]->d_name[0] != '.') {
			if (snprintf(below, sizeof(below), "%s/%s", relative, entries[i]->d_name) >= (int)sizeof(below))
				fail(relative, "path too long");
			snprintf(path, sizeof(path), "%s%s", src_dir, below);
			if (stat(path, &facts))
				fail(path, strerror(errno));
			if (S_ISDIR(facts.st_mode))
				walk(below);
			else
				note(below);
		}
		free(entries[i]);
	}
	free(entries);
}

static void emit_bytes(FILE *to, size_t index, const char *ending, size_t len)
{
	if (len)
		fprintf(to, "\t.globl web_asset_%zu_%s\n\t.balign 16\nweb_asset_%zu_%s:\n\t.incbin \"%s/web_asset_%zu.%s\"\n", index, ending, index,
			ending, out_dir, index, ending);
}

static void emit_assembly(void)
{
	FILE *to = open_out("web_assets.S");

	fputs("\t.section .rodata\n", to);
	for (size_t i = 0; i < n_assets; i++) {
		emit_bytes(to, i, "bin", assets[i].identity);
		emit_bytes(to, i, "gz", assets[i].gzip);
		emit_bytes(to, i, "br", assets[i].brotli);
	}
	fputs("\t.section .note.GNU-stack,\"\",%progbits\n", to);
	fclose(to);
}

static void emit_extern(FILE *to, size_t index, const char *ending, size_t len)
{
	if (len)
		fprintf(to, "extern const char web_asset_%zu_%s[];\n", index, ending);
}

static void emit_slice(FILE *to, const char *field, size_t index, const char *ending, size_t len)
{
	if (len)
		fprintf(to, " .%s = { web_asset_%zu_%s, %zu },", field, index, ending, len);
}

static void emit_table(void)
{
	FILE *to = open_out("web_assets.c");

	fputs("#include \"web_assets.h\"\n\n", to);
	for (size_t i = 0; i < n_assets; i++) {
		emit_extern(to, i, "bin", assets[i].identity);
		emit_extern(to, i, "gz", assets[i].gzip);
		emit_extern(to, i, "br", assets[i].brotli);
	}
	fputs("\nconst struct asset web_assets[] = {\n", to);
	for (size_t i = 0; i < n_assets; i++) {
		const struct packed *asset = &assets[i];
		fprintf(to, "\t{ .path = STR(\"%s\"), .content_type = STR(\"%s\"), .etag = STR(\"\\\"%016llx\\\"\"), .immutable = %s,", asset->path,
			asset->type->content_type, (unsigned long long)asset->hash, asset->immutable ? "true" : "false");
		emit_slice(to, "identity", i, "bin", asset->identity);
		emit_slice(to, "gzip", i, "gz", asset->gzip);
		emit_slice(to, "brotli", i, "br", asset->brotli);
		fputs(" },\n", to);
	}
	fprintf(to, "};\nconst size_t web_assets_count = %zu;\n", n_assets);
	fclose(to);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		fail("usage", "assetgen OUT_DIR SRC_DIR");
	out_dir = argv[1];
	src_dir = argv[2];
	walk("");
	qsort(paths, n_paths, sizeof(paths[0]), by_path);
	for (size_t i = 0; i < n_paths; i++) {
		pack(paths[i]);
		free(paths[i]);
	}
	FILE *header = open_out("web_assets.h");
	fputs("/* Made by assetgen. */\n#ifndef WEB_ASSETS_H\n#define WEB_ASSETS_H\n\n#include \"http/static.h\"\n\n"
	      "extern const struct asset web_assets[];\nextern const size_t web_assets_count;\n\n#endif\n",
	      header);
	fclose(header);
	emit_assembly();
	emit_table();
	return 0;
}
