/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what the check collects over the given targets, as tests/integration/collect.h writes it.
 *
 * usage: suspects_dump [-t THREADS] [-s SEED] [-c COUNTERS] [-m BYTES] TARGET...
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collect.h"

int main(int argc, char **argv)
{
	struct hs_check_params params = {0};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct collected out;
	errint_t err;
	int opt;

	while ((opt = getopt(argc, argv, "t:s:c:m:")) != -1) {
		unsigned long v = optarg ? strtoul(optarg, NULL, 0) : 0;

		if (opt == 't')
			params.threads = (unsigned)v;
		else if (opt == 's')
			params.seed = v, params.has_seed = true;
		else if (opt == 'c')
			params.buckets = v;
		else if (opt == 'm')
			params.memory = v;
		else
			return 16;
	}
	err = collect_paths((const char *const *)argv + optind, (size_t)(argc - optind), &params,
			    &out, &why);
	if (err) {
		fprintf(stderr, "%s: %s\n", strerror(-err), hs_strbuf_str(&why));
		hs_strbuf_free(&why);
		collected_free(&out);
		return 8;
	}
	fputs(hs_strbuf_str(&out.text), stdout);
	fprintf(stderr, "suspects %lu, left over %lu, unread %lu, undecided %lu, passes %u\n",
		(unsigned long)out.suspects, (unsigned long)out.left, (unsigned long)out.unread,
		(unsigned long)out.undecided, out.passes);
	hs_strbuf_free(&why);
	collected_free(&out);
	return 0;
}
