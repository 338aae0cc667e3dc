/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules, for every Landlock version from 1 on (Documentation/userspace-api/landlock.rst of the
 * kernel's source). Rights a version does not know are left out: they are not restricted there.
 */
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/confine.h"
#include "base/cleanup.h"

/* Newer than the headers of Debian 12. */
#define ACCESS_FS_REFER	   ((uint64_t)1 << 13)
#define ACCESS_FS_TRUNCATE ((uint64_t)1 << 14)

#define FILE_READ LANDLOCK_ACCESS_FS_READ_FILE
#define FILE_WRITE                                                                                 \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_FS_TRUNCATE)
#define FILE_RUN (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)
#define FILE_ALL (FILE_WRITE | FILE_RUN)

static uint64_t known_rights(int abi)
{
	uint64_t all = ((uint64_t)1 << 13) - 1; /* version 1 */

	if (abi >= 2)
		all |= ACCESS_FS_REFER;
	if (abi >= 3)
		all |= ACCESS_FS_TRUNCATE;
	return all;
}

errint_t hs_confine_begin(struct hs_confine *c)
{
	struct landlock_ruleset_attr attr = {0};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*c = (struct hs_confine){.fd = -1};
	if (abi < 1)
		return 0;
	c->abi = (int)abi;
	attr.handled_access_fs = known_rights(c->abi);
	c->fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	return c->fd < 0 ? -errno : 0;
}

errint_t hs_confine_fd(struct hs_confine *c, int fd, enum hs_confine_right right)
{
	struct landlock_path_beneath_attr rule = {.parent_fd = fd};
	struct stat st;

	if (c->fd < 0)
		return 0;
	switch (right) {
	case HS_MAY_READ:
		rule.allowed_access = FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR;
		break;
	case HS_MAY_RUN:
		rule.allowed_access = FILE_RUN;
		break;
	case HS_MAY_WRITE:
		rule.allowed_access = FILE_WRITE;
		break;
	case HS_MAY_MANAGE:
		rule.allowed_access = UINT64_MAX;
		break;
	}
	if (fstat(fd, &st) < 0)
		return -errno;
	/* For a file, rights that only a directory has are an error. */
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= FILE_ALL;
	rule.allowed_access &= known_rights(c->abi);
	if (!syscall(SYS_landlock_add_rule, c->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		return 0;
	/* Files without a place in any directory tree (memfd) are never restricted. */
	return errno == EBADFD ? 0 : -errno;
}

errint_t hs_confine_path(struct hs_confine *c, const char *path, enum hs_confine_right right)
{
	hs_autoclose int fd = -1;

	if (c->fd < 0)
		return 0;
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : hs_confine_fd(c, fd, right);
}

errint_t hs_confine_enforce(const struct hs_confine *c)
{
	if (c->fd < 0)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_landlock_restrict_self, c->fd, 0) < 0)
		return -errno;
	return 0;
}

void hs_confine_end(struct hs_confine *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
