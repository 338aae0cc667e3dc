/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts changed in place. The generation goes up with each change, so that clients drop what they
 * have cached (format notes, section 18).
 */
#include <stdlib.h>

#include "lfsck/plan_parts.h"

bool hs_lov_edit_begin(struct hs_verdict *v, struct hs_case *c, struct hs_at at, struct hs_fid file,
		       struct hs_lov_edit *e)
{
	*e = (struct hs_lov_edit){.at = at, .file = file, .value = HS_STRBUF_INIT};
	if (hs_plan_xattr(v, at, "trusted.lov", &e->value) != 1) {
		hs_case_no_repair(c, "the file has no LOV EA that can be read");
		hs_strbuf_free(&e->value);
		return false;
	}
	e->buf = malloc(e->value.len ? e->value.len : 1);
	if (!e->buf ||
	    hs_lov_decode((const uint8_t *)hs_strbuf_str(&e->value), e->value.len, &e->lov)) {
		v->err = -ENOMEM;
		free(e->buf);
		hs_strbuf_free(&e->value);
		return false;
	}
	memcpy(e->buf, hs_strbuf_str(&e->value), e->value.len);
	if (!(e->lov.flaws &
	      (HS_LOVF_MAGIC | HS_LOVF_UNSUPPORTED | HS_LOVF_SIZE | HS_LOVF_OVERLAP)) &&
	    !e->lov.foreign)
		return true;
	hs_case_no_repair(c, "the LOV EA is of an unknown form");
	hs_lov_edit_free(e);
	return false;
}

void hs_lov_edit_free(struct hs_lov_edit *e)
{
	hs_lov_release(&e->lov);
	free(e->buf);
	hs_strbuf_free(&e->value);
}

void hs_lov_edit_end(struct hs_verdict *v, struct hs_case *c, struct hs_lov_edit *e)
{
	if (memcmp(e->buf, hs_strbuf_str(&e->value), e->value.len)) {
		hs_lov_put_gen(e->buf, &e->lov);
		hs_mend_xattr(v, c, e->at, "trusted.lov", e->buf, e->value.len);
	}
	hs_lov_edit_free(e);
}
