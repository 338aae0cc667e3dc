/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main() of a fuzz target that is built without libFuzzer: replays the files named as arguments,
 * or, without arguments, a fixed sequence of generated inputs, so that the same build always does
 * the same.
 */
#include <stdio.h>

#include "fuzz.h"

#define ROUNDS	   20000
#define SMALL_SIZE 600
#define LARGE_SIZE 70000
#define LARGE_EACH 500 /* every so many rounds a large input */

/* xorshift64*: any generator would do that is the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

/* On-disk values are mostly small numbers and zeros with something odd among them. */
static size_t generate(uint8_t *buf, unsigned round, uint64_t *state)
{
	size_t limit = round % LARGE_EACH == LARGE_EACH - 1 ? LARGE_SIZE : SMALL_SIZE;
	size_t size = (size_t)(next_random(state) % (limit + 1));
	unsigned style = (unsigned)(next_random(state) % 4);

	for (size_t i = 0; i < size; i += 8) {
		uint64_t r = next_random(state), v = 0;

		if (style == 0)
			v = r;
		else if (style == 1)
			v = r & 0x7f;
		else if (style == 2)
			v = r & 0x000000ff000000ffull;
		if (r >> 60 == 0)
			v = r >> 56 & 1 ? UINT64_MAX : r;
		memcpy(buf + i, &v, size - i < 8 ? size - i : 8);
	}
	return size;
}

static int run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		return 1;
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	return 0;
}

static int replay(const char *path)
{
	static uint8_t buf[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t size;

	if (!f) {
		perror(path);
		return 1;
	}
	size = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	return run(buf, size);
}

int main(int argc, char **argv)
{
	static uint8_t buf[LARGE_SIZE + 8];
	uint64_t state = 0x9e3779b97f4a7c15ull;
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	if (argc > 1)
		return failed;
	for (unsigned round = 0; round < ROUNDS && !failed; round++)
		failed = run(buf, generate(buf, round, &state));
	return failed;
}
