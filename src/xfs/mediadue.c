/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/mediadue.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define DAY	     86400.0
#define SECONDS_MOST 3.2e11 /* ten thousand years */
#define CLOCK_SLACK  60	    /* a stamp so little ahead is as good as now */

static const struct {
	const char *suffix;
	double seconds;
} units[] = {
	{"", 1},	{"s", 1},	  {"m", 60},	   {"h", 3600},		  {"d", DAY},
	{"w", 7 * DAY}, {"mo", 30 * DAY}, {"q", 90 * DAY}, {"y", 365.2425 * DAY},
};

errint_t hs_xfs_interval_parse(const char *text, double *seconds)
{
	size_t digits = strspn(text, "0123456789.");
	char number[64], *end;

	if (digits == 0 || digits >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, digits);
	number[digits] = '\0';
	*seconds = strtod(number, &end);
	if (*end || end == number)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].suffix))
			continue;
		*seconds *= units[i].seconds;
		return *seconds > SECONDS_MOST ? -ERANGE : 0;
	}
	return -EINVAL;
}

errint_t hs_xfs_media_due(const char *stamp, double interval, time_t now, bool *due)
{
	struct stat st;

	*due = true;
	if (stat(stamp, &st))
		return errno == ENOENT ? 0 : -errno;
	*due = st.st_mtime > now + CLOCK_SLACK || (double)st.st_mtime + interval < (double)now;
	return 0;
}

errint_t hs_xfs_media_stamp(const char *stamp)
{
	hs_autoclose int fd =
		open(stamp, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0600);

	if (fd < 0 || futimens(fd, NULL))
		return -errno;
	return 0;
}
