/* SPDX-License-Identifier: MIT */
/*
 * The filter: calls by which one gets past Landlock, or does what Landlock
 * does not look at (metadata by path, sockets, other processes), fail with
 * EPERM.  A list of what is refused, not of what is allowed: the next libc
 * does things by other calls than this one, and has to go on working.
 *
 * A filter sees numbers, not what pointers point at; so calls that take their
 * flags in memory are refused whole.  clone3() fails as one that does not
 * exist: libc then makes its threads by clone(), whose flags can be seen.
 */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "fs/sandbox.h"
#include "fs/sandbox_part.h"
#include "util/env.h"

/* An unknown machine must not be one that goes without. */
#if defined(__x86_64__)
#	define ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#	define ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#	define ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#	define ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#	define ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#	define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#	define ARCH AUDIT_ARCH_PPC64
#elif defined(__s390x__)
#	define ARCH AUDIT_ARCH_S390X
#elif defined(__mips64) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#	define ARCH AUDIT_ARCH_MIPSEL64
#elif defined(__loongarch64)
#	define ARCH AUDIT_ARCH_LOONGARCH64
#else
#	error "name the AUDIT_ARCH_* of this machine"
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#	define LOW  0
#	define HIGH 4
#else
#	define LOW  4
#	define HIGH 0
#endif

#define X32_BIT 0x40000000 /* x86-64: the calls of another ABI begin here */

#ifdef __s390x__
#	define CLONE_FLAGS_ARG 1
#else
#	define CLONE_FLAGS_ARG 0
#endif
#define NAMESPACES                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define NEWTIME 0x80 /* of unshare(); in clone() it is part of the signal */

/* Neither we nor what we are linked with have a use for these. */
static const int refused[] = {
	/* metadata by path, and truncation, which ABI 1 and 2 let through */
	SYS_fchmodat,
	SYS_fchownat,
	SYS_setxattr,
	SYS_lsetxattr,
	SYS_removexattr,
	SYS_lremovexattr,
	SYS_truncate,
	SANDBOX_CALL(452), /* fchmodat2 */
	SANDBOX_CALL(463), /* setxattrat */
	SANDBOX_CALL(466), /* removexattrat */
	SANDBOX_CALL(469), /* file_setattr */
#ifdef SYS_chmod
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_utimes,
	SYS_futimesat,
#endif
#ifdef SYS_utime
	SYS_utime,
#endif
#ifdef SYS_truncate64
	SYS_truncate64,
#endif
#ifdef SYS_chown32
	SYS_chown32,
	SYS_lchown32,
#endif
	/* what is no file */
	SYS_mknodat,
	SYS_symlinkat,
#ifdef SYS_mknod
	SYS_mknod,
	SYS_symlink,
#endif
	SYS_memfd_create,
	SANDBOX_CALL(447), /* memfd_secret */
	/* past the paths */
	SYS_open_by_handle_at,
	SYS_fanotify_init,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	/* other processes */
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kcmp,
	SANDBOX_CALL(438), /* pidfd_getfd */
	SANDBOX_CALL(440), /* process_madvise */
	/* another world */
	SYS_chroot,
	SYS_pivot_root,
	SYS_setns,
	SYS_mount,
	SYS_umount2,
#ifdef SYS_umount
	SYS_umount,
#endif
	SYS_open_tree,
	SYS_move_mount,
	SYS_fsopen,
	SYS_fsconfig,
	SYS_fsmount,
	SYS_fspick,
	SANDBOX_CALL(442), /* mount_setattr */
	SANDBOX_CALL(467), /* open_tree_attr */
	/* the kernel, and the machine */
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
	SYS_iopl,
	SYS_ioperm,
#endif
	SYS_reboot,
	SYS_syslog,
	SYS_swapon,
	SYS_swapoff,
	SYS_acct,
	SYS_quotactl,
	SANDBOX_CALL(443), /* quotactl_fd */
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_clock_adjtime,
	SYS_adjtimex,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_vhangup,
};

static const int programs[] = { SYS_execve, SYS_execveat };

#ifdef SYS_connect
static const int networking[] = { SYS_connect, SYS_bind, SYS_listen };
#endif

enum test {
	IS,
	IS_NOT,
	HAS_ANY
};

/* Refused if argument arg, 32 bits of it, is so. */
struct condition {
	int call;
	unsigned arg;
	unsigned half; /* LOW, HIGH */
	enum test test;
	uint32_t value;
};

static const struct condition conditions[] = {
	/* with no path these are of a descriptor: futimens() */
	{ SYS_utimensat, 1, LOW, IS_NOT, 0 },
	{ SYS_utimensat, 1, HIGH, IS_NOT, 0 },
#ifdef SYS_utimensat_time64
	{ SYS_utimensat_time64, 1, LOW, IS_NOT, 0 },
#endif
	{ SYS_clone, CLONE_FLAGS_ARG, LOW, HAS_ANY, NAMESPACES },
	{ SYS_unshare, 0, LOW, HAS_ANY, NAMESPACES | NEWTIME },
	/* what is typed into the terminal is run by the shell, after us */
	{ SYS_ioctl, 1, LOW, IS, TIOCSTI },
	{ SYS_ioctl, 1, LOW, IS, TIOCLINUX },
};

/* The control socket, and an agent's, are AF_UNIX. */
static const struct condition offline[] = {
#ifdef SYS_socket
	{ SYS_socket, 0, LOW, IS_NOT, AF_UNIX },
#endif
#ifdef SYS_socketcall
	{ SYS_socketcall, 0, LOW, IS, 1 }, /* socket, its family unseen */
	{ SYS_socketcall, 0, LOW, IS, 2 }, /* bind */
	{ SYS_socketcall, 0, LOW, IS, 3 }, /* connect */
	{ SYS_socketcall, 0, LOW, IS, 4 }, /* listen */
#endif
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FAIL(e)	 (SECCOMP_RET_ERRNO | ((e)&SECCOMP_RET_DATA))
#define ARG(i)	 (offsetof(struct seccomp_data, args) + (i) * sizeof(uint64_t))

struct filter {
	unsigned short len;
	struct sock_filter code[400];
};

static void
put(struct filter *f, unsigned code, unsigned jt, unsigned jf, size_t k)
{
	assert(f->len < COUNT(f->code));
	f->code[f->len++] = (struct sock_filter){ (uint16_t)code, (uint8_t)jt,
		(uint8_t)jf, (uint32_t)k };
}

static void
put_load(struct filter *f, size_t offset)
{
	put(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

static void
put_return(struct filter *f, unsigned value)
{
	put(f, BPF_RET | BPF_K, 0, 0, value);
}

/* Numbers mean nothing unless the machine is the one they are of. */
static void
put_start(struct filter *f)
{
	put_load(f, offsetof(struct seccomp_data, arch));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCH);
	put_return(f, FAIL(EPERM));
	put_load(f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	put(f, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
	put_return(f, FAIL(EPERM));
#endif
}

static void
put_refusal(struct filter *f, int call, int errnum)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (size_t)call);
	put_return(f, FAIL((unsigned)errnum));
}

static void
put_refusals(struct filter *f, const int *calls, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		put_refusal(f, calls[i], EPERM);
}

static void
put_condition(struct filter *f, const struct condition *c)
{
	const unsigned jump = BPF_JMP | BPF_K |
	    (c->test == HAS_ANY ? BPF_JSET : BPF_JEQ);
	const bool unless = c->test == IS_NOT;

	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (size_t)c->call);
	put_load(f, ARG(c->arg) + c->half);
	put(f, jump, unless ? 1 : 0, unless ? 0 : 1, c->value);
	put_return(f, FAIL(EPERM));
	put_load(f, offsetof(struct seccomp_data, nr));
}

static void
put_conditions(struct filter *f, const struct condition *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		put_condition(f, &c[i]);
}

static void
compose(struct filter *f, const struct sandbox_opts *opts)
{
	f->len = 0;
	put_start(f);
	put_refusals(f, refused, COUNT(refused));
	put_refusal(f, SYS_clone3, ENOSYS);
	put_conditions(f, conditions, COUNT(conditions));
	if (!opts->exec)
		put_refusals(f, programs, COUNT(programs));
	if (!opts->network) {
#ifdef SYS_connect
		put_refusals(f, networking, COUNT(networking));
#endif
		put_conditions(f, offline, COUNT(offline));
	}
	put_return(f, SECCOMP_RET_ALLOW);
}

/* Asked first, so that a fault in the filter is not taken for a want of it. */
static bool
have_filters(struct env *env)
{
	const uint32_t action = SECCOMP_RET_ERRNO;

	return !sandbox_faulted(env, "seccomp") &&
	    syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

enum status
sandbox_seccomp(struct env *env, const struct sandbox_opts *opts,
    bool *ret_done, struct err *err)
{
	struct filter filter;
	struct sock_fprog prog;

	*ret_done = have_filters(env);
	if (!*ret_done)
		return ST_OK;
	compose(&filter, opts);
	prog = (struct sock_fprog){ .len = filter.len, .filter = filter.code };
	if (sandbox_faulted(env, "seccomp_filter") ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == -1)
		return err_sys(err, errno, "sandbox: seccomp");
	return ST_OK;
}
