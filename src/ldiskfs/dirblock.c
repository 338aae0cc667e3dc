/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decoder of directory blocks, and of the data Lustre keeps behind a name.
 *
 * Extra bits of the type byte announce data behind the name: a NUL, then for each bit, in
 * ascending order, a byte with the length (itself included) and the payload.
 */
#include "ldiskfs/dirblock.h"

#include <string.h>

enum {
	DATA_LUFID = 0x10,
	DATA_INO64 = 0x20,
	DATA_HASH = 0x40,
	DATA_ALL = 0xf0,
};

#define FID_BYTES 16u

/*
 * Where the data of the record at p end, 0 if they do not fit into `room` bytes or make no sense.
 * *fid is set to a well-formed LUFID.
 */
static uint32_t decode_data(const uint8_t *p, uint32_t room, const uint8_t **fid)
{
	uint32_t pos = HS_DIRENT_HEADER + p[6] + 1u;

	if (p[7] & DATA_ALL & ~(DATA_LUFID | DATA_INO64 | DATA_HASH))
		return 0;
	for (unsigned bit = DATA_LUFID; bit <= DATA_HASH; bit <<= 1) {
		uint32_t len;

		if (!(p[7] & bit))
			continue;
		if (pos >= room)
			return 0;
		len = p[pos];
		if (!len || len > room - pos)
			return 0;
		if (bit == DATA_LUFID) {
			/* Several FIDs may be kept; the first counts. */
			if (len <= FID_BYTES || len % FID_BYTES != 1)
				return 0;
			*fid = p + pos + 1;
		}
		pos += len;
	}
	return pos;
}

uint32_t hs_dirent_used(const uint8_t *p, uint32_t room, bool dirdata)
{
	const uint8_t *fid = NULL;
	uint32_t used = HS_DIRENT_HEADER + p[6];

	if (dirdata && (p[7] & DATA_ALL)) {
		used = decode_data(p, room, &fid);
		if (!used)
			return 0;
	}
	return (used + 3) & ~3u;
}

/*
 * The next record in use from *pos on: 1 with its start in *at and *pos behind it, 0 at the end,
 * -1 when the record at *pos is impossible.
 */
static inline int next_record(const uint8_t *buf, uint32_t len, uint32_t *pos, uint32_t *at)
{
	while (*pos < len) {
		const uint8_t *p = buf + *pos;
		uint32_t left = len - *pos, rec_len;

		if (left < HS_DIRENT_MIN)
			return -1;
		rec_len = hs_dirent_rec_len(p, len);
		if (rec_len < HS_DIRENT_MIN || rec_len % 4 || rec_len > left)
			return -1;
		if (hs_get_le32(p)) {
			if (!p[6] || HS_DIRENT_HEADER + p[6] > rec_len)
				return -1;
			*at = *pos;
			*pos += rec_len;
			return 1;
		}
		*pos += rec_len;
	}
	return 0;
}

uint32_t hs_dirblock_offsets(const uint8_t *buf, uint32_t len, uint16_t *offsets)
{
	uint32_t pos = 0, at, n = 0;

	while (next_record(buf, len, &pos, &at) > 0)
		offsets[n++] = (uint16_t)at;
	return n;
}

int hs_dirblock_next(struct hs_dirblock *it, struct hs_dirent *e)
{
	const uint8_t *fid = NULL, *p;
	uint32_t at = 0;
	int ret = next_record(it->buf, it->len, &it->pos, &at);

	if (ret <= 0)
		return ret;
	p = it->buf + at;
	e->ino = hs_get_le32(p);
	e->name_len = p[6];
	e->type_raw = p[7];
	e->type = p[7] & 0x0f;
	e->name = p + HS_DIRENT_HEADER;
	e->offset = (uint16_t)at;
	e->bad_data = false;
	if (e->type_raw & DATA_ALL)
		e->bad_data = !it->dirdata || !decode_data(p, it->pos - at, &fid);
	e->has_fid = fid && !e->bad_data;
	e->fid = e->has_fid ? fid : NULL;
	return 1;
}
