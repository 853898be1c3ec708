/* world: a whole Coffer in this process but for sockets: store in memory, keeper with a root of
 * zeros, journal in a folder of its own, one worker without committer (changes commit at once),
 * time standing still at WORLD_NOW. With one account, WORLD_ACCOUNT, its root's key, and the users
 * that world_user makes through the admin protocol. */
#pragma once

#include "core/identity/identity.h"
#include "core/worker.h"
#include "support/scratch.h"
#include "wire/answer.h"

#define WORLD_NOW     INT64_C(1795176000000) /* 2026-11-20T12:00:00Z */
#define WORLD_ACCOUNT "123456789012"
#define WORLD_REGION  "eu-central-1"
#define WORLD_ABROAD  "eu-west-1"  /* served, too */
#define WORLD_CHINA   "cn-north-1" /* served, of another partition */
#define WORLD_KEY     "AKIAWORLDROOTKEY0001"
#define WORLD_SECRET  "world/root+secret/of+forty/characters+ab"

struct world {
    struct arena *arena; /* for the world's own texts */
    struct house house;  /* its quotas are heeded, too */
    struct owners owners;
    struct worker *worker;
    struct mailbox *home;
    char folder[SCRATCH_PATH];
};

/* Aborts the program with a sentence when it cannot be made. The struct stays where it is until
 * world_close. */
void world_open(struct world *, bool dev);
void world_close(struct world *);

/* From now on changes are committed by a committer's thread, and requests that change something
 * park. */
void world_commit_apart(struct world *);

/* The principal of the admin socket. */
const struct principal *world_admin(void);

/* All that the journal's files hold, in the arena. */
struct bytes world_journal(const struct world *, struct arena *);
