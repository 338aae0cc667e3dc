/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/table_source.h"

#include <stdlib.h>

struct table_source {
	struct hs_source src;
	const struct hs_target *t;
	uint64_t next;
};

static int table_next(struct hs_source *src, void *item)
{
	struct table_source *s = (struct table_source *)src;
	struct hs_table_item *out = item;

	while (s->next < s->t->oi_files && !s->t->oi_ino[s->next])
		s->next++;
	if (s->next >= src->total)
		return 0;
	out->is_oi = s->next < s->t->oi_files;
	out->index = (uint32_t)(out->is_oi ? s->next : s->next - s->t->oi_files);
	s->next++;
	return 1;
}

static void table_tell(const struct hs_source *src, struct hs_position *pos)
{
	const struct table_source *s = (const struct table_source *)src;

	*pos = (struct hs_position){.done = s->next};
}

static errint_t table_seek(struct hs_source *src, const struct hs_position *pos)
{
	struct table_source *s = (struct table_source *)src;

	if (pos->done > src->total)
		return -EINVAL;
	s->next = pos->done;
	return 0;
}

static const struct hs_source_ops table_ops = {
	.next = table_next,
	.tell = table_tell,
	.seek = table_seek,
};

errint_t hs_table_source_new(const struct hs_target *t, struct hs_source **out)
{
	struct table_source *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->src.ops = &table_ops;
	s->src.name = "tables";
	s->src.item_size = sizeof(struct hs_table_item);
	s->src.total = t->oi_files + t->n_odirs;
	s->t = t;
	*out = &s->src;
	return 0;
}

void hs_table_source_free(struct hs_source *src)
{
	free(src);
}

void hs_table_scan(struct hs_worker *w, struct hs_target *t, const struct hs_table_item *item)
{
	if (item->is_oi)
		hs_scan_oi_file(w, t, item->index);
	else
		hs_scan_odir(w, t, &t->odirs[item->index]);
	atomic_fetch_add_explicit(&w->scan->done, 1, memory_order_relaxed);
}
