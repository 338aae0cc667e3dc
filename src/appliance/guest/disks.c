/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /disk/NAME for each disk. A disk whose writes are to be dropped gets a transient device-mapper
 * snapshot: the origin is a unit that the host opened read-only, the store a sparse file the host
 * has already unlinked. Unlike UML's own copy-on-write files this needs no bitmap in memory that
 * grows with the disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/appliance.h"
#include "appliance/guest/guest.h"

#define CHUNK_SECTORS 8 /* 4 KiB: the usual block of what is checked */

struct dm_request {
	struct dm_ioctl head;
	struct dm_target_spec spec;
	char text[128];
};

/* Under names of their own: "control" is the device mapper's, others a command may want. */
static void prepare(struct dm_request *r, const char *name)
{
	memset(r, 0, sizeof(*r));
	r->head.version[0] = DM_VERSION_MAJOR;
	r->head.data_size = sizeof(*r);
	r->head.data_start = offsetof(struct dm_request, spec);
	snprintf(r->head.name, sizeof(r->head.name), "disk-%s", name);
}

static void unit_path(char path[static 16], int unit)
{
	snprintf(path, 16, "/dev/ubd%c", 'a' + unit);
}

static uint64_t unit_sectors(const char *path)
{
	uint64_t bytes = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes) < 0)
		guest_fail("cannot open %s: %m", path);
	close(fd);
	return bytes / 512;
}

/* Creates the snapshot and writes the path of its node to `node`. */
static void make_snapshot(int dm, const struct guest_disk *d, char node[static 32])
{
	char origin[16], store[16];
	struct dm_request r;

	unit_path(origin, d->unit);
	unit_path(store, d->store);

	prepare(&r, d->name);
	if (ioctl(dm, DM_DEV_CREATE, &r) < 0)
		guest_fail("cannot create a snapshot device for %s: %m", d->name);
	snprintf(node, 32, "/dev/dm-%u", (unsigned)(r.head.dev & 0xff));

	prepare(&r, d->name);
	r.head.target_count = 1;
	r.spec.length = unit_sectors(origin);
	snprintf(r.spec.target_type, sizeof(r.spec.target_type), "snapshot");
	snprintf(r.text, sizeof(r.text), "%s %s N %d", origin, store, CHUNK_SECTORS);
	r.spec.next = sizeof(r.spec) + sizeof(r.text);
	if (ioctl(dm, DM_TABLE_LOAD, &r) < 0)
		guest_fail("cannot load the snapshot of %s: %m", d->name);

	prepare(&r, d->name);
	if (ioctl(dm, DM_DEV_SUSPEND, &r) < 0)
		guest_fail("cannot start the snapshot of %s: %m", d->name);
}

void guest_disks_setup(const struct guest_job *job)
{
	int dm = -1;

	mkdir(HS_APPLIANCE_DISKS, 0755);
	for (unsigned i = 0; i < job->n_disks; i++) {
		const struct guest_disk *d = &job->disks[i];
		char node[32], link[64];

		if (d->store < 0) {
			unit_path(node, d->unit);
			unit_sectors(node); /* the host may have refused it after all */
		} else {
			if (dm < 0)
				dm = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
			if (dm < 0)
				guest_fail("the guest's kernel has no device mapper: %m");
			make_snapshot(dm, d, node);
		}
		snprintf(link, sizeof(link), HS_APPLIANCE_DISKS "/%s", d->name);
		if (symlink(node, link) < 0)
			guest_fail("cannot make %s: %m", link);
	}
	if (dm >= 0)
		close(dm);
}
