/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the name check costs on ASCII names, against the plain way: NFKC and skeleton of each name
 * by ICU, nothing compared. Prints processor time per name and the ratio for several sizes of
 * domain, each the median of interleaved pairs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include "names/names.h"

#define NAMES 400000
#define PAIRS 9
#define ROOM  1024

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void count(const struct hs_name_report *r, void *ctx)
{
	(void)r;
	++*(unsigned long *)ctx;
}

/* Names as people and programs give them: words, numbers, extensions, 8 to 30 bytes. */
static void make_name(char *out, size_t room, unsigned int i)
{
	static const char *const words[] = {"report", "simulation", "img", "checkpoint", "Draft",
					    "data",   "run",	    "log", "thesis",	 "src"};
	static const char *const ext[] = {".txt", ".dat", ".h5", ".c", "", ".tar.gz", ".png"};

	snprintf(out, room, "%s_%s-%07u%s", words[i % 10], words[(i / 10) % 10], i, ext[i % 7]);
}

static double check(const struct hs_names *names, char (*list)[48], unsigned int per_domain,
		    unsigned long *reports)
{
	struct hs_names_domain *d;
	double start = cpu_ns();

	if (hs_names_domain_new(names, count, reports, &d))
		exit(1);
	for (unsigned int i = 0; i < NAMES; i++) {
		if (i % per_domain == 0)
			hs_names_domain_begin(d, HS_NAMES_DIRECTORY, false);
		if (hs_names_domain_add(d, list[i], strlen(list[i]), i))
			exit(1);
		if ((i + 1) % per_domain == 0)
			hs_names_domain_end(d);
	}
	hs_names_domain_free(d);
	return cpu_ns() - start;
}

static double plain(USpoofChecker *spoof, const UNormalizer2 *nfkc, char (*list)[48])
{
	static UChar raw[ROOM], norm[ROOM], skel[ROOM];
	double start = cpu_ns();

	for (unsigned int i = 0; i < NAMES; i++) {
		UErrorCode code = U_ZERO_ERROR;
		int32_t len;

		u_strFromUTF8(raw, ROOM, &len, list[i], (int32_t)strlen(list[i]), &code);
		unorm2_normalize(nfkc, raw, len, norm, ROOM, &code);
		uspoof_getSkeleton(spoof, 0, raw, len, skel, ROOM, &code);
		if (U_FAILURE(code))
			exit(1);
	}
	return cpu_ns() - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	static const unsigned int sizes[] = {10, 100, 1000, 10000, NAMES};
	struct hs_names_options opts = {.utf8 = true};
	char(*list)[48] = malloc(sizeof(*list) * NAMES);
	UErrorCode code = U_ZERO_ERROR;
	USpoofChecker *spoof = uspoof_open(&code);
	const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&code);
	struct hs_names *names;

	uspoof_setChecks(spoof, USPOOF_ALL_CHECKS, &code);
	if (!list || U_FAILURE(code) || hs_names_open(&opts, &names))
		return 1;
	for (unsigned int i = 0; i < NAMES; i++)
		make_name(list[i], sizeof(*list), i);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		double ours[PAIRS], theirs[PAIRS], ratio[PAIRS];
		unsigned long reports = 0;

		for (int p = 0; p < PAIRS; p++) {
			ours[p] = check(names, list, sizes[s], &reports);
			theirs[p] = plain(spoof, nfkc, list);
			ratio[p] = ours[p] / theirs[p];
		}
		qsort(ours, PAIRS, sizeof(double), by_value);
		qsort(theirs, PAIRS, sizeof(double), by_value);
		qsort(ratio, PAIRS, sizeof(double), by_value);
		printf("%7u names a domain: %6.1f ns a name, plain %6.1f ns, ratio %.3f "
		       "(%.3f to %.3f), %lu reports\n",
		       sizes[s], ours[PAIRS / 2] / NAMES, theirs[PAIRS / 2] / NAMES,
		       ratio[PAIRS / 2], ratio[0], ratio[PAIRS - 1], reports / PAIRS);
	}
	hs_names_close(names);
	uspoof_close(spoof);
	free(list);
	return 0;
}
