/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A row of a plan in run.db, decoded: what decodes is encoded to the same row, and can be said.
 * Input: kind, target, two numbers, length of the name, name, value.
 */
#include "fuzz.h"

#include "base/bytes.h"
#include "lfsck/plan_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_strbuf why = HS_STRBUF_INIT, text = HS_STRBUF_INIT;
	struct hs_step_room room = {.bytes = HS_STRBUF_INIT};
	struct hs_run_step row = {.target = "MDT0000"}, again;
	struct hs_step s;
	size_t name;

	if (size < 20)
		return 0;
	/* mostly kinds that exist */
	row.kind = data[0] < HS_STEP_KINDS ? hs_step_word((enum hs_step_kind)data[0]) : "nothing";
	if (data[1] & 1)
		row.target = data[1] & 2 ? "OST0001" : "OSTx";
	row.ino = data[2] ? (int64_t)hs_get_le64(data + 3) : data[3];
	row.made = data[2] & 1 ? data[11] : 0;
	name = data[12];
	data += 13;
	size -= 13;
	name = name < size ? name : size;
	row.name = data;
	row.name_len = name;
	row.value = data + name;
	row.value_len = size - name;
	if (!hs_step_decode(&row, &s, &why)) {
		hs_step_say(&s, &text);
		fuzz_require(!hs_step_encode(&s, &room, &again));
		fuzz_require(again.ino == row.ino && again.made == row.made);
		fuzz_require(again.value_len == row.value_len &&
			     (!row.value_len || !memcmp(again.value, row.value, row.value_len)));
	}
	hs_strbuf_free(&room.bytes);
	hs_strbuf_free(&text);
	hs_strbuf_free(&why);
	return 0;
}
