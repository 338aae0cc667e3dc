/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's init: sets the guest up, runs the one command, takes everything down in order and
 * says how the command ended. It relies on the launcher's consoles (job.h) and guarantees that
 * every file system is unmounted, or named as stuck, before the last word goes out.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "appliance/guest/guest.h"
#include "appliance/job.h"

/* The one descriptor that every part may need to say something. */
static int control_fd = -1;

static void say(const char *fmt, va_list ap)
{
	char line[HS_JOB_LINE];
	int n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	size_t len, done = 0;

	if (n < 0)
		return;
	len = (size_t)n < sizeof(line) - 1 ? (size_t)n : sizeof(line) - 2;
	line[len++] = '\n';
	while (done < len) {
		ssize_t w = write(control_fd, line + done, len - done);

		if (w < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (w > 0)
			done += (size_t)w;
		else
			usleep(1000);
	}
}

void guest_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

static _Noreturn void power_off(void)
{
	tcdrain(control_fd);
	for (;;) {
		reboot(RB_POWER_OFF);
		sleep(1);
	}
}

void guest_fail(const char *fmt, ...)
{
	va_list ap;

	guest_say("log the guest cannot go on:");
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	power_off();
}

static void open_control(void)
{
	struct termios raw;

	control_fd = open("/dev/tty1", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (control_fd < 0 || tcgetattr(control_fd, &raw) < 0)
		power_off();
	cfmakeraw(&raw);
	tcsetattr(control_fd, TCSANOW, &raw);
}

int main(void)
{
	struct guest_job job = {.n_disks = 0};
	int status = 0;
	bool run;

	guest_mount_kernel();
	open_control();
	guest_job_read(&job);
	guest_disks_setup(&job);
	if (job.share)
		guest_mount_share(job.share);

	run = guest_mount_disks(&job);
	if (run)
		status = guest_run(&job, control_fd);

	guest_unmount_all();
	if (!run)
		; /* has been said */
	else if (WIFSIGNALED(status))
		guest_say("killed %d", WTERMSIG(status));
	else
		guest_say("exit %d", WEXITSTATUS(status));
	guest_say("down");
	power_off();
}
