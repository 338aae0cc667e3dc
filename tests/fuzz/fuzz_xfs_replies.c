/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole check or repair against a kernel whose every reply may be spoiled: wrong counts, numbers
 * that go backwards, lengths beyond the buffer, errors at any moment. It must end, without touching
 * what is not its own, and what it did not understand must not be called clean.
 */
#include "fuzz.h"

#include "fakekernel.h"
#include "xfs/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_xfs_options opt = {.threads = 1, .verbose = true};
	struct hs_xfs_scan_params p = {.path = "/mnt", .shown = "/mnt", .opt = &opt};
	static struct fakekernel fk; /* large */
	struct hs_xfs_scan scan;
	errint_t rc;

	if (size == 0)
		return 0;
	fk_init(&fk);
	fk_script(&fk, "fs ags=3 rgs=1 features=rmapbt,reflink,finobt,ftype,parent,metadir,vectors "
		       "label=abc\n"
		       "inode 131 gen=2 dir parent=128:dir\n"
		       "inode 132 gen=3 reg parent=131:file xattr=user.a,trusted.b\n"
		       "inode 133 gen=4 link parent=131:link\n"
		       "inode 200 gen=5 reg unloadable\n"
		       "on scrub directory ino=131 times=2 -> corrupt\n");
	fk.no_vectors = data[0] & 1;
	opt.threads = data[0] & 2 ? 2 : 1;
	opt.mode = data[0] & 4 ? HS_XFS_REPAIR : HS_XFS_CHECK;
	opt.max_errors = data[0] >> 3;
	p.kernel = &fk.k;
	fk.spoil = data + 1;
	fk.spoil_len = size - 1;
	fuzz_require(hs_xfs_scan_init(&scan, &p) == 0);
	rc = hs_xfs_scan_run(&scan, "/mnt");
	fuzz_require(rc <= 0);
	fuzz_require(opt.mode == HS_XFS_REPAIR || fk_count(&fk, "repair") == 0);
	if (rc)
		fuzz_require(hs_xfs_scan_exit(&scan, rc) & 4);
	hs_xfs_scan_free(&scan);
	fk_free(&fk);
	return 0;
}
