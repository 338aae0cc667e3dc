/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Label, mountdata, last_rcvd. */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *v = fuzz_value(data, size);
	struct hs_mountdata m;
	struct hs_last_rcvd r;
	struct hs_label l;
	char buf[16];

	if (!v)
		return 0;
	size--;
	if (hs_label_parse((const char *)v, size, &l)) {
		fuzz_require(strlen(l.fsname) <= HS_FSNAME_MAX);
		hs_tgt_text(l.target, buf);
	}
	if (size >= 4 && data[0] & 1)
		hs_put_le32(v, 0x1dd00001);
	if (hs_mountdata_decode(v, size, &m))
		fuzz_require(strlen(m.fsname) <= 64 && strlen(m.service) <= 64 &&
			     strlen(m.uuid) <= 40);
	if (hs_last_rcvd_decode(v, size, &r))
		fuzz_require(r.subdirs && !(r.subdirs & (r.subdirs - 1)));
	free(v);
	return 0;
}
