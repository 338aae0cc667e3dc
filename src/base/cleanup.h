/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scope-bound release of memory and descriptors.
 */
#ifndef HS_BASE_CLEANUP_H
#define HS_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void hs_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void hs_cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define hs_cleanup(fn) __attribute__((cleanup(fn)))
#define hs_autofree    hs_cleanup(hs_cleanup_free)
#define hs_autoclose   hs_cleanup(hs_cleanup_fd)

/* Hands a scope-bound pointer to the caller. */
#define hs_take(p)                                                                                 \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

#endif
