/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Made clusters with everything in them that Lustre can make: no suspect but the objects whose
 * linkEA overflowed, no mark but theirs, nothing unread and nothing undecided.
 *
 * usage: lustre_made MKLUSTRE
 */
#include <inttypes.h>
#include <stdio.h>

#include "collect.h"
#include "images.h"

static const struct {
	unsigned overflow, threads;
	uint64_t counters;
	char *args[12];
} clusters[] = {
	{1, 1, 0, {"--preset=rich", "--mdts=1", "--osts=1", "--files=300", "--seed=1"}},
	{1, 2, 64, {"--preset=rich", "--mdts=2", "--osts=2", "--files=800", "--seed=2"}},
	{1, 4, 0, {"--preset=rich", "--mdts=3", "--osts=2", "--files=2000", "--seed=3"}},
	{3,
	 8,
	 256,
	 {"--preset=rich", "--mdts=4", "--osts=5", "--files=1500", "--seed=4", "--overflow=3"}},
	{2,
	 2,
	 0,
	 {"--preset=rich", "--mdts=2", "--osts=3", "--files=500", "--seed=5", "--overflow=2",
	  "--features=metadata_csum,64bit"}},
	{1,
	 4,
	 0,
	 {"--preset=rich", "--mdts=3", "--osts=3", "--files=500", "--seed=6", "--fid-on-ost"}},
	{1,
	 2,
	 0,
	 {"--preset=rich", "--mdts=1", "--osts=2", "--files=500", "--seed=7",
	  "--mdt-inode-size=512", "--ost-inode-size=256"}},
	{1,
	 2,
	 0,
	 {"--preset=rich", "--mdts=2", "--osts=1", "--files=500", "--seed=8",
	  "--mdt-inode-size=2048"}},
	{0, 4, 0, {"--mdts=2", "--osts=2", "--files=5000", "--big-dir=6000", "--seed=9"}},
};

/* Lines of the form "[FID] NAME+15 LINK_OVERFLOW"; anything else is too much. */
static unsigned unexpected_lines(const char *text)
{
	unsigned n = 0;

	for (const char *end; *text; text = end + 1) {
		const char *fact = strstr(text, " NAME+");
		size_t digits = fact ? strspn(fact + 6, "0123456789") : 0;

		end = strchr(text, '\n');
		n += text[0] != '[' || !digits || strcspn(text, " ") != (size_t)(fact - text) ||
		     strncmp(fact + 6 + digits, " LINK_OVERFLOW\n", 15) != 0;
	}
	return n;
}

int main(int argc, char **argv)
{
	unsigned failed = 0;

	if (argc != 2)
		return 16;
	for (size_t i = 0; i < sizeof(clusters) / sizeof(clusters[0]); i++) {
		struct hs_check_params params = {.threads = clusters[i].threads,
						 .buckets = clusters[i].counters};
		struct hs_strbuf why = HS_STRBUF_INIT;
		char *args[16] = {argv[1]};
		struct collected got;
		struct images im;
		errint_t err;

		memcpy(args + 1, clusters[i].args, sizeof(clusters[i].args));
		if (!images_make(args, &im))
			return 1;
		err = collect_paths((const char *const *)im.paths, im.n, &params, &got, &why);
		if (err || unexpected_lines(hs_strbuf_str(&got.text)) ||
		    got.suspects != clusters[i].overflow || got.unread || got.undecided) {
			fprintf(stderr,
				"cluster %zu: %s %s\n%sunread %" PRIu64 ", undecided %" PRIu64 "\n",
				i, strerror(-err), hs_strbuf_str(&why), hs_strbuf_str(&got.text),
				got.unread, got.undecided);
			failed++;
		}
		collected_free(&got);
		hs_strbuf_free(&why);
		images_remove(&im);
	}
	return failed != 0;
}
