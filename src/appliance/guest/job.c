/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the job that the launcher put into the initramfs (job.h). The launcher wrote it, so a job
 * that makes no sense is a programming error and ends the guest.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/guest/guest.h"
#include "appliance/job.h"

static char *read_all(size_t *len)
{
	int fd = open(HS_JOB_PATH, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t done = 0;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0)
		guest_fail("no " HS_JOB_PATH ": %m");
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		guest_fail("no memory for the job");
	while (done < (size_t)st.st_size) {
		ssize_t n = read(fd, text + done, (size_t)st.st_size - done);

		if (n <= 0)
			guest_fail("cannot read " HS_JOB_PATH ": %m");
		done += (size_t)n;
	}
	text[done] = '\0';
	close(fd);
	*len = done;
	return text;
}

static size_t count_strings(const char *text, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\0';
	return n;
}

static void add_disk(struct guest_job *job, const char *value)
{
	struct guest_disk *d = &job->disks[job->n_disks];
	size_t len = strcspn(value, " ");

	if (job->n_disks == MAX_DISKS || sscanf(value + len, "%d %d", &d->unit, &d->store) != 2)
		guest_fail("bad disk in the job: %s", value);
	d->name = strndup(value, len);
	if (!d->name)
		guest_fail("no memory for the job");
	job->n_disks++;
}

/* True when the string was about a mount. */
static bool add_mount_word(struct guest_job *job, const char *s)
{
	struct guest_mount *last = job->n_mounts ? &job->mounts[job->n_mounts - 1] : NULL;

	if (!strncmp(s, "mount=", 6)) {
		if (job->n_mounts == HS_APPLIANCE_MAX_MOUNTS)
			guest_fail("too many mounts in the job");
		job->mounts[job->n_mounts++].disk = s + 6;
	} else if (last && !strncmp(s, "mount-dir=", 10)) {
		last->dir = s + 10;
	} else if (last && !strncmp(s, "mount-type=", 11)) {
		last->type = s + 11;
	} else if (last && !strncmp(s, "mount-options=", 14)) {
		last->options = s + 14;
	} else {
		return false;
	}
	return true;
}

void guest_job_read(struct guest_job *job)
{
	size_t len, n, n_env = 0, n_argv = 0;
	char *text = read_all(&len);

	n = count_strings(text, len);
	job->env = calloc(n + 1, sizeof(*job->env));
	job->argv = calloc(n + 1, sizeof(*job->argv));
	if (!job->env || !job->argv)
		guest_fail("no memory for the job");

	for (char *s = text; s < text + len; s += strlen(s) + 1) {
		if (!strncmp(s, "disk=", 5)) {
			add_disk(job, s + 5);
		} else if (!strncmp(s, "share=", 6)) {
			job->share = s + 6;
		} else if (!strcmp(s, "tty=1")) {
			job->tty = true;
		} else if (add_mount_word(job, s)) {
			continue;
		} else if (!strncmp(s, "env=", 4)) {
			job->env[n_env++] = s + 4;
		} else if (!strncmp(s, "arg=", 4)) {
			job->argv[n_argv++] = s + 4;
		}
	}
	if (!n_argv)
		guest_fail("the job has no command");
}
