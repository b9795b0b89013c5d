/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target without libFuzzer: over each file of its corpus and a fixed set of mutations of them. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20, MUTANT_MAX = 1 << 16, MUTANTS = 4000 };

struct input {
	uint8_t *data;
	size_t size;
};

static struct input *inputs;
static size_t n_inputs;

static void out_of_memory(void)
{
	fputs("replay: out of memory\n", stderr);
	exit(1);
}

static void keep(const void *data, size_t size)
{
	struct input *grown = realloc(inputs, (n_inputs + 1) * sizeof *inputs);
	if (!grown)
		out_of_memory();
	inputs = grown;
	inputs[n_inputs].data = malloc(size ? size : 1);
	if (!inputs[n_inputs].data)
		out_of_memory();
	if (size)
		memcpy(inputs[n_inputs].data, data, size);
	inputs[n_inputs++].size = size;
}

static int by_content(const void *a, const void *b)
{
	const struct input *x = a, *y = b;
	size_t common = x->size < y->size ? x->size : y->size;
	int order = memcmp(x->data, y->data, common);
	return order ? order : (x->size > y->size) - (x->size < y->size);
}

static void read_corpus(const char *folder)
{
	DIR *dir = opendir(folder);
	if (!dir)
		return;
	uint8_t *buffer = malloc(INPUT_MAX);
	if (!buffer)
		out_of_memory();
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		FILE *file = fopen(path, "rb");
		if (!file) {
			perror(path);
			exit(1);
		}
		keep(buffer, fread(buffer, 1, INPUT_MAX, file));
		fclose(file);
	}
	free(buffer);
	closedir(dir);
	qsort(inputs, n_inputs, sizeof *inputs, by_content); /* whatever order the folder has */
}

/* xorshift64*: the same mutants on every machine and run */
static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

static size_t below(size_t limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return limit ? (size_t)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % limit : 0;
}

static size_t mutate(uint8_t *data, size_t size)
{
	static const uint8_t telling[] = { 0,	1,   0x7f, 0x80, 0xff, '\r', '\n', '"', '\\',
					   '{', '[', ',',  ':',	 '%',  '-',  '9',  ' ' };
	size_t at = below(size + 1), n = 1 + below(8);
	switch (below(7)) {
	case 0: /* flip a bit */
		if (at < size)
			data[at] ^= (uint8_t)(1u << below(8));
		return size;
	case 1: /* put a telling byte */
		if (at < size)
			data[at] = telling[below(sizeof telling)];
		return size;
	case 2: /* insert telling bytes */
		if (size + n > MUTANT_MAX)
			return size;
		memmove(data + at + n, data + at, size - at);
		memset(data + at, telling[below(sizeof telling)], n);
		return size + n;
	case 3: /* remove some */
		n = n < size - at ? n : size - at;
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	case 4: /* cut off */
		return at;
	case 5: /* repeat the part from here on */
		n = size - at;
		if (size + n > MUTANT_MAX)
			return size;
		memmove(data + size, data + at, n);
		return size + n;
	default: { /* splice with another input */
		const struct input *other = &inputs[below(n_inputs)];
		size_t from = below(other->size + 1);
		n = other->size - from;
		if (at + n > MUTANT_MAX)
			n = MUTANT_MAX - at;
		memcpy(data + at, other->data + from, n);
		return at + n;
	}
	}
}

static void run(const uint8_t *data, size_t size)
{
	/* a copy of the exact size, so that ASan sees the first byte read beyond it */
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact)
		out_of_memory();
	if (size)
		memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int main(int argc, char **argv)
{
	keep("", 0);
	for (int i = 1; i < argc; i++)
		read_corpus(argv[i]);
	for (size_t i = 0; i < n_inputs; i++)
		run(inputs[i].data, inputs[i].size);

	uint8_t *mutant = malloc(MUTANT_MAX);
	if (!mutant)
		out_of_memory();
	for (size_t i = 0; i < MUTANTS; i++) {
		const struct input *seed = &inputs[below(n_inputs)];
		size_t size = seed->size < MUTANT_MAX ? seed->size : MUTANT_MAX;
		memcpy(mutant, seed->data, size);
		for (size_t turns = 1 + below(6); turns; turns--)
			size = mutate(mutant, size);
		run(mutant, size);
	}
	printf("%zu inputs and %d mutants\n", n_inputs, MUTANTS);

	free(mutant);
	for (size_t i = 0; i < n_inputs; i++)
		free(inputs[i].data);
	free(inputs);
	return 0;
}
