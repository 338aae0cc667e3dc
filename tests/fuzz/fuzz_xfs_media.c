/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A media scan against a kernel whose every reply may be spoiled: extents that overlap, go back or
 * wrap round, positions that do not move, file maps without end, names that are none. It must end,
 * tell the caller of nothing that writes, and never call lost data success.
 */
#include "fuzz.h"

#include "fakekernel.h"
#include "xfs/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const devices[HS_XFS_DEVICES] = {NULL, "/dev/data", "/dev/log",
							    "/dev/rt"};
	struct hs_xfs_options opt = {
		.threads = 1, .only_phase = 6, .read_data = true, .media_gap = 65536};
	struct hs_xfs_scan_params p = {
		.path = "/mnt", .shown = "/mnt", .opt = &opt, .devices = devices};
	static struct fakekernel fk; /* large */
	struct hs_xfs_scan scan;
	errint_t rc;

	if (size < 2)
		return 0;
	fk_init(&fk);
	fk_script(&fk, data[0] & 1 ? "fs ags=2 features=rmapbt,ftype,parent,vectors logdev rtdev\n"
				   : "fs ags=2 features=ftype,vectors logdev rtdev\n");
	fk.verifier = data[0] & 2;
	if (data[0] & 4)
		fk.geom.rtstart = fk.geom.datablocks;
	fk_script(&fk, "inode 131 gen=2 dir parent=128:dir blocks=8\n"
		       "inode 132 gen=3 reg parent=131:file blocks=8\n"
		       "inode 133 gen=4 reg unlinked blocks=8\n"
		       "bad data at=1028K len=4K\nbad data at=2M len=512\nbad rt at=8K len=4K\n");
	fk_script(&fk, data[0] & 1 ? "extent data at=1M len=64K ino=132\n"
				     "extent data at=1M len=64K ino=133 off=1M\n"
				     "extent data at=2M len=16K ino=131\n"
				     "extent rt at=0 len=64K ino=132 off=1M\n"
				   : "extent data at=1M len=64K unknown\n"
				     "extent data at=2M len=16K unknown\n"
				     "extent rt at=0 len=64K unknown\n"
				     "file data at=1M len=64K ino=132\n"
				     "file data at=2M len=16K ino=131\n");
	opt.background = data[0] >> 2 != 3; /* threads are slow to start */
	opt.max_errors = data[0] >> 6;
	p.kernel = &fk.k;
	fk.spoil = data + 1;
	fk.spoil_len = size - 1;
	fuzz_require(hs_xfs_scan_init(&scan, &p) == 0);
	rc = hs_xfs_scan_run(&scan, "/mnt");
	fuzz_require(rc <= 0);
	fuzz_require(fk_count(&fk, "fitrim") == 0);
	fuzz_require(fk_count(&fk, "repair") == 0);
	fuzz_require(!fk_has(&fk, " report"));
	if (rc)
		fuzz_require(hs_xfs_scan_exit(&scan, rc) & 4);
	if (atomic_load(&scan.tally.unfixable))
		fuzz_require(hs_xfs_scan_exit(&scan, rc) & 1);
	hs_xfs_scan_free(&scan);
	fk_free(&fk);
	return 0;
}
