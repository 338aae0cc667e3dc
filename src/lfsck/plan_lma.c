/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/plan_parts.h"

/* Flags of an inode whose LMA is lost: those that its other attributes ask for. */
static void guess_flags(struct hs_verdict *v, struct hs_at at, struct hs_lma *lma)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	const struct hs_inode *inode;
	enum hs_presence presence;
	struct hs_links links = {0};

	if (at.t->id.kind == HS_OST) {
		lma->compat = HS_LMAC_FID_ON_OST;
		return;
	}
	if (hs_plan_xattr(v, at, "trusted.lmv", &value) == 1)
		lma->incompat |= HS_LMAI_STRIPED;
	if (hs_plan_xattr(v, at, "trusted.hsm", &value) == 1)
		lma->compat |= HS_LMAC_HSM;
	hs_strbuf_free(&value);
	hs_links_load(v, at, &links);
	for (size_t i = 0; i < links.n; i++) {
		struct hs_tgt owner = hs_system_owner(v->sys, links.v[i].parent.seq, &presence);

		if (!hs_tgt_eq(owner, at.t->id))
			lma->incompat |= HS_LMAI_REMOTE_PARENT;
	}
	hs_links_free(&links);
	inode = hs_plan_inode(v, at);
	if (inode && inode->flags & HS_INODE_ENCRYPT)
		lma->incompat |= HS_LMAI_ENCRYPT;
}

void hs_mend_fid(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid fid)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	uint8_t buf[HS_LMA_LONG_SIZE];
	struct hs_lma lma;
	int rc = hs_plan_xattr(v, at, "trusted.lma", &value);

	if (rc < 0) {
		hs_case_no_repair(c, "the attributes of inode %u cannot be read", at.ino);
	} else if (rc && hs_lma_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lma) &&
		   !(lma.incompat & ~(uint32_t)HS_LMAI_SUPPORTED)) {
		if (at.t->id.kind == HS_OST)
			hs_put_le32(value.s, lma.compat | HS_LMAC_FID_ON_OST);
		hs_fid_put_le(value.s + 8, fid);
		hs_mend_xattr(v, c, at, "trusted.lma", value.s, value.len);
	} else {
		lma = (struct hs_lma){.fid = fid};
		guess_flags(v, at, &lma);
		lma.fid = fid;
		hs_mend_xattr(v, c, at, "trusted.lma", buf, hs_lma_encode(&lma, buf));
	}
	hs_strbuf_free(&value);
}

void hs_mend_lma_flags(struct hs_verdict *v, struct hs_case *c, struct hs_at at,
		       uint32_t set_incompat, uint32_t clear_incompat)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_lma lma;

	if (hs_plan_xattr(v, at, "trusted.lma", &value) != 1 ||
	    !hs_lma_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lma)) {
		hs_case_no_repair(c, "inode %u has no LMA that could be changed", at.ino);
	} else {
		hs_put_le32(value.s + 4, (lma.incompat | set_incompat) & ~clear_incompat);
		hs_mend_xattr(v, c, at, "trusted.lma", value.s, value.len);
	}
	hs_strbuf_free(&value);
}
