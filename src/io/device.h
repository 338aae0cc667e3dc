/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bottom layer: a block device or an image file.
 */
#ifndef HS_IO_DEVICE_H
#define HS_IO_DEVICE_H

#include "base/strbuf.h"
#include "io/io.h"

enum hs_device_mode {
	HS_DEVICE_READ,	 /* O_RDONLY, no exclusive claim: what a check needs */
	HS_DEVICE_WRITE, /* O_RDWR | O_EXCL; images under an exclusive lock */
	/*
	 * O_RDONLY | O_DIRECT: what the medium holds, not what the page cache does. Offsets,
	 * lengths and buffers are multiples of the logical block size.
	 */
	HS_DEVICE_DIRECT,
};

/*
 * Opens a block device or a regular file (sparse files included). Channels use io_uring where the
 * kernel allows it and plain pread where it does not. On error `why` holds one sentence that names
 * the path. Directories, pipes, character devices and empty files are refused with -EINVAL.
 */
errint_t hs_device_open(const char *path, enum hs_device_mode mode, struct hs_io **out,
			struct hs_strbuf *why);

/*
 * Channels opened from now on use pread even where io_uring works, so that tests cover both. Only
 * for what hs_device_open() returned, before layers are stacked on it.
 */
void hs_device_force_sync(struct hs_io *device);

/*
 * Reads past the page cache, so that what another machine has written since is seen; plainly where
 * the file system of an image cannot, and from what is no device.
 */
errint_t hs_device_read_fresh(struct hs_io *device, void *buf, size_t len, uint64_t off);

#endif
