/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/check.h"

#include <string.h>
#include <time.h>

/* What an unanswered vector holds: the kernel never writes it. */
#define UNANSWERED INT32_MIN

/*
 * Outcomes that make checks of dependent metadata doubtful. A failed cross-reference does not: one
 * sick space btree fails that of every inode, and each would then cost a second call.
 */
#define BARRIER_MASK (HS_XFS_SCRUB_CORRUPT | HS_XFS_SCRUB_XCORRUPT | HS_XFS_SCRUB_INCOMPLETE)

static bool ends_everything(errint_t err)
{
	return err == -ESHUTDOWN || err == -EPERM || err == -ENOTRECOVERABLE || err == -EINTR;
}

static bool worth_retrying(const struct hs_xfs_result *r)
{
	if (r->err)
		return false;
	if (r->flags & HS_XFS_SCRUB_INCOMPLETE)
		return true;
	/* the other side may have been in flux */
	return (r->flags & HS_XFS_SCRUB_XCORRUPT) && !(r->flags & HS_XFS_SCRUB_CORRUPT);
}

/* A reply that makes no sense becomes an error of this check. */
static void take_reply(struct hs_xfs_result *r, int64_t ret, uint32_t flags)
{
	r->flags = (uint16_t)(flags & HS_XFS_SCRUB_OUT);
	r->err = ret > 0 || ret < -4095 ? -EPROTO : (int)ret;
}

static void rest(uint32_t us)
{
	struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};

	if (us)
		nanosleep(&t, NULL);
}

struct hs_xfs_scrub hs_xfs_scrub_arg(const struct hs_xfs_object *obj, unsigned type)
{
	struct hs_xfs_scrub s = {.type = type};

	switch (obj->scope) {
	case HS_XFS_SCOPE_FS:
		break;
	case HS_XFS_SCOPE_AG:
	case HS_XFS_SCOPE_RTGROUP:
		s.agno = (uint32_t)obj->id;
		break;
	case HS_XFS_SCOPE_INODE:
		s.ino = obj->id;
		s.gen = obj->gen;
		break;
	case HS_XFS_SCOPE_METAPATH:
		s.ino = obj->id;
		s.agno = obj->group;
		break;
	}
	return s;
}

static errint_t check_single(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj,
			     struct hs_xfs_result *r)
{
	struct hs_xfs_scrub s = hs_xfs_scrub_arg(obj, r->type);
	errint_t rc;

	rc = fs->kernel->ops->scrub(fs->kernel, fs->fd, &s);
	if (ends_everything(rc))
		return rc;
	take_reply(r, rc, rc ? 0 : s.flags);
	rest(fs->rest_us);
	return 0;
}

/* Bit i: r[i] is wanted. */
typedef uint32_t want_t;

static errint_t pass_single(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj,
			    struct hs_xfs_outcome *out, want_t want)
{
	for (unsigned i = 0; i < out->n; i++) {
		errint_t rc;

		if (!(want & (1U << i)))
			continue;
		rc = check_single(fs, obj, &out->r[i]);
		if (rc)
			return rc;
	}
	return 0;
}

/*
 * One vectored call. Wanted results that it did not answer (behind a barrier, or because the call
 * as a whole was refused) are returned in *left.
 */
static errint_t pass_vector(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj,
			    struct hs_xfs_outcome *out, want_t want, bool barriers, want_t *left)
{
	struct hs_xfs_vec v[2 * HS_XFS_OBJECT_TYPES];
	uint8_t slot[HS_XFS_OBJECT_TYPES];
	struct hs_xfs_scrubv head = {0};
	uint64_t open = 0; /* types since the last barrier */
	unsigned n = 0;
	errint_t rc;

	for (unsigned i = 0; i < out->n && i < HS_XFS_OBJECT_TYPES; i++) {
		unsigned type = out->r[i].type;

		if (!(want & (1U << i)))
			continue;
		if (barriers && (hs_xfs_type_info(type)->after & open)) {
			v[n++] = (struct hs_xfs_vec){.type = HS_XFS_BARRIER, .flags = BARRIER_MASK};
			open = 0;
		}
		open |= HS_XFS_BIT(type);
		slot[i] = (uint8_t)n;
		v[n++] = (struct hs_xfs_vec){.type = type, .ret = UNANSWERED};
	}
	switch (obj->scope) {
	case HS_XFS_SCOPE_FS:
		break;
	case HS_XFS_SCOPE_AG:
	case HS_XFS_SCOPE_RTGROUP:
		head.agno = (uint32_t)obj->id;
		break;
	case HS_XFS_SCOPE_INODE:
		head.ino = obj->id;
		head.gen = obj->gen;
		break;
	case HS_XFS_SCOPE_METAPATH:
		head.ino = obj->id;
		head.agno = obj->group;
		break;
	}
	head.nr = (uint16_t)n;
	head.rest_us = (uint16_t)(fs->rest_us > UINT16_MAX ? UINT16_MAX : fs->rest_us);
	rc = fs->kernel->ops->scrubv(fs->kernel, fs->fd, &head, v);
	if (ends_everything(rc))
		return rc;
	*left = 0;
	for (unsigned i = 0; i < out->n; i++) {
		if (!(want & (1U << i)))
			continue;
		if (rc || v[slot[i]].ret == UNANSWERED)
			*left |= 1U << i;
		else if (ends_everything(v[slot[i]].ret))
			return v[slot[i]].ret;
		else
			take_reply(&out->r[i], v[slot[i]].ret, v[slot[i]].flags);
	}
	return 0;
}

static errint_t pass(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj,
		     struct hs_xfs_outcome *out, want_t want)
{
	want_t left = want;
	errint_t rc;

	if (!fs->vectors)
		return pass_single(fs, obj, out, want);
	rc = pass_vector(fs, obj, out, want, true, &left);
	if (rc || !left)
		return rc;
	if (left != want) {
		rc = pass_vector(fs, obj, out, left, false, &left);
		if (rc || !left)
			return rc;
	}
	/* the kernel refuses the vector as such: one by one shows which type it is */
	return pass_single(fs, obj, out, left);
}

static want_t retry_set(const struct hs_xfs_outcome *out)
{
	want_t want = 0;

	for (unsigned i = 0; i < out->n; i++) {
		if (worth_retrying(&out->r[i]))
			want |= 1U << i;
	}
	return want;
}

int hs_xfs_check(const struct hs_xfs_fs *fs, const struct hs_xfs_object *obj, const uint8_t *types,
		 unsigned n, struct hs_xfs_outcome *out)
{
	want_t want;

	out->n = 0;
	for (unsigned i = 0; i < n && out->n < HS_XFS_OBJECT_TYPES; i++) {
		if (hs_xfs_has(fs, types[i]))
			out->r[out->n++] = (struct hs_xfs_result){.type = types[i]};
	}
	if (out->n == 0)
		return 0;
	want = (1U << out->n) - 1;
	for (unsigned tries = 0; want && tries < HS_XFS_TRIES; tries++) {
		errint_t rc = pass(fs, obj, out, want);

		if (rc)
			return rc;
		want = retry_set(out);
	}
	for (unsigned i = 0; i < out->n; i++) {
		if (out->r[i].flags || (out->r[i].err && out->r[i].err != -ENOENT))
			return 1;
	}
	return hs_xfs_outcome_gone(out);
}

uint64_t hs_xfs_outcome_mask(const struct hs_xfs_outcome *out, uint16_t flags)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < out->n; i++) {
		if (!out->r[i].err && (out->r[i].flags & flags))
			mask |= HS_XFS_BIT(out->r[i].type);
	}
	return mask;
}

bool hs_xfs_outcome_gone(const struct hs_xfs_outcome *out)
{
	if (out->n == 0 || out->r[0].type != HS_XFS_INODE)
		return false;
	for (unsigned i = 0; i < out->n; i++) {
		if (out->r[i].err != -ENOENT)
			return false;
	}
	return true;
}
