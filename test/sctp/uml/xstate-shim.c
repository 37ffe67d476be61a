/*
 * For user-mode Linux on processors with AMX: LD_PRELOAD this into linux.uml.
 *
 * User-mode Linux keeps a guest thread's floating point state in a buffer of fixed size, 2,696 octets. Linux takes
 * PTRACE_SETREGSET of NT_X86_XSTATE only at the processor's whole size, 11,008 octets with AMX, so every boot ends with
 * "ptrace set fp regs failed, errno = 14". Here the short state is laid over the whole one, which is read first. What lies
 * beyond (AMX tiles) is not used by anything in the guest.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define LARGEST_STATE_OCTETS 65536

static __thread unsigned char whole[LARGEST_STATE_OCTETS] __attribute__((aligned(64)));

long ptrace(enum __ptrace_request request, ...)
{
  va_list arguments;
  va_start(arguments, request);
  pid_t pid = va_arg(arguments, pid_t);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);

  if (request == PTRACE_SETREGSET && (unsigned long)address == NT_X86_XSTATE) {
    struct iovec *given = data;
    struct iovec full = { whole, sizeof whole };
    if (syscall(SYS_ptrace, PTRACE_GETREGSET, (long)pid, NT_X86_XSTATE, &full) != 0) return -1;
    if (given->iov_len < full.iov_len) {
      memcpy(whole, given->iov_base, given->iov_len);
      return syscall(SYS_ptrace, PTRACE_SETREGSET, (long)pid, NT_X86_XSTATE, &full);
    }
  }
  /* The system call stores what PEEK requests read at `data`; the function of this name returns it. */
  if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
    long word = 0;
    long status = syscall(SYS_ptrace, (long)request, (long)pid, address, &word);
    if (status < 0) return -1;
    errno = 0;
    return word;
  }
  return syscall(SYS_ptrace, (long)request, (long)pid, address, data);
}
