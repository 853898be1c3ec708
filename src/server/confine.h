/* confine: what the server may still ask of the kernel once all that it needs is open (SECURITY
 * 27).
 *
 * Two fences, both of the kernel and both for good: Landlock leaves it the data folder (to read and
 * write, never to execute) and the folders of its certificate and private key (to read), and no
 * outgoing TCP; seccomp leaves it the system calls of a server that has started: no new program, no
 * new process, no tracing, no memory that is both filled and run. Threads made later inherit both.
 * Landlock binds the calling thread alone: call this before the first thread is made.
 *
 * Sources: landlock(7), seccomp(2), libseccomp's seccomp_rule_add(3). */
#pragma once

#include "server/config.h"

extern const struct fault CONFINE_REFUSED[1]; /* confine = require, and the kernel lacks a fence */
extern const struct fault CONFINE_GROUP[1];   /* admin_group or audit_group names none */

/* Looks up admin_group and audit_group, since nobody can afterwards, then puts up what there is, as
 * config->confine says: auto: what is missing is told by confine_form(); require: what is missing
 * is CONFINE_REFUSED; off: nothing is done. A setting of `coffer dev` is off: its child is a
 * program of the user's. */
fallible confine(struct arena *, struct config *);

/* What holds, in words, for `coffer status` and the log: "files, network, calls", or which of them
 * is missing and why. Static; "none" before confine(). */
const char *confine_form(void);
