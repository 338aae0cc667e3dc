/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts: files, their stripes and their objects (catalogue, section 5; equations, section 12).
 * What recovery will finish is set aside first. A stripe record that its own neighbours contradict
 * is judged before the layout as a whole, that before single stripes, and those before objects that
 * are left without a file.
 */
#include "lfsck/layouts.h"

void hs_judge_layouts(struct hs_verdict *v)
{
	static void (*const judges[])(struct hs_layouts *) = {
		hs_judge_pending, hs_judge_records,    hs_judge_lov,   hs_judge_stripes,
		hs_judge_orphans, hs_judge_parentless, hs_judge_owner, hs_judge_geometry,
	};
	struct hs_layouts l;
	errint_t err = hs_layouts_init(&l, v);

	if (err)
		v->err = err;
	for (size_t i = 0; !v->err && i < sizeof(judges) / sizeof(judges[0]); i++)
		judges[i](&l);
	hs_layouts_free(&l);
}
