/* doctor_folder: the checks of a data folder and of the server that has it. */
#include "bin/doctor.h"
#include "bin/opener.h"

#include "base/clock.h"
#include "base/file.h"
#include "cli/client.h"
#include "cli/walk.h"
#include "codec/date.h"
#include "crypto/certificate_look.h"
#include "keeper/keeper.h"
#include "net/tls.h"
#include "server/face.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_MOST = 64 * 1024, SKEW_MS = 5 * 60 * 1000, ROOT_RECENT_DAYS = 7, QUOTA_WARN = 90 };

static const char NO_FOLDER[] = "no data folder";

/* "2026-11-21" */
static void day_of(int64_t ms, char day[DATE_ISO + 1])
{
    date_iso(ms, (uint8_t *)day);
    day[10] = '\0';
}

static const char *inner(struct doctor *d, const char *name)
{
    const char *path = file_path(d->arena, d->data, name);

    return path == NULL ? "" : path;
}

/* Nothing is said of what is not there; `others`: the rights that it must not give. */
static bool is_closed(struct doctor *d, const char *path, uid_t owner, mode_t others)
{
    struct stat facts;

    if (lstat(path, &facts) != 0)
        return true;
    if ((facts.st_mode & others) != 0 && !S_ISLNK(facts.st_mode)) {
        (void)found(d, HEALTH_BAD, "%s is open to others: mode %04o", path, facts.st_mode & 07777);
        return false;
    }
    if (facts.st_uid != owner && facts.st_uid != 0) {
        (void)found(d, HEALTH_BAD, "%s belongs to user %u, the data folder to %u", path,
                    facts.st_uid, owner);
        return false;
    }
    return true;
}

/* Then nothing further is said of what would lie in it. */
static enum health no_folder(struct doctor *d, const char *why)
{
    d->local = false;
    return found(d, HEALTH_BAD, "%s %s", d->data, why);
}

static enum health check_folder(struct doctor *d)
{
    /* clang-format off */
    static const struct { const char *name; mode_t others; } parts[] = {
        {"seal", 0077}, {"store", 0077}, {"store/data.mdb", 0077}, {"tls", 0077}, {"tls/server.key", 0077},
        {"journal", 0027}, {"admin", 0027},
    };
    /* clang-format on */
    struct stat facts;

    if (!d->local)
        return found(d, HEALTH_SKIPPED, "no data folder at %s; name one with --data", d->data);
    if (stat(d->data, &facts) != 0 || !S_ISDIR(facts.st_mode))
        return no_folder(d, "is no folder that can be entered");
    if (access(inner(d, "seal"), F_OK) != 0)
        return no_folder(d,
                         "holds no seal: it is no data folder of Coffer, or closed to this user");
    if (!is_closed(d, d->data, facts.st_uid, 0067))
        return HEALTH_BAD;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!is_closed(d, inner(d, parts[i].name), facts.st_uid, parts[i].others))
            return HEALTH_BAD;
    return found(d, HEALTH_OK, "%s and what is in it are its owner's own", d->data);
}

static const char *key_file(struct doctor *d)
{
    const char *said = options_value(d->options, "key-file");

    if (said == NULL && d->config.key_file.n > 0)
        said = file_text(d->arena, d->config.key_file);
    return said;
}

/* Its bytes are not read: their number tells enough. */
static enum health check_key_file(struct doctor *d)
{
    const char *path = key_file(d);
    struct stat facts;

    if (path == NULL)
        return found(d, HEALTH_SKIPPED,
                     "none is named: --key-file FILE, or key_file in --config FILE");
    if (lstat(path, &facts) != 0)
        return found(d, HEALTH_BAD, "%s is not there, or out of reach", path);
    if (!S_ISREG(facts.st_mode))
        return found(d, HEALTH_BAD, "%s is a link or no plain file", path);
    if ((facts.st_mode & 0077) != 0)
        return found(d, HEALTH_BAD, "%s is open to others: mode %04o", path, facts.st_mode & 07777);
    if (facts.st_size != KEEPER_ROOT)
        return found(d, HEALTH_BAD, "%s has %lld bytes, not %d", path, (long long)facts.st_size,
                     KEEPER_ROOT);
    if (d->local && opener_outside(path, d->data) != OK)
        return found(d, HEALTH_BAD, "%s lies in the data folder that it opens", path);
    return found(d, HEALTH_OK, "%s: %d bytes, its owner's own, outside of the data folder", path,
                 KEEPER_ROOT);
}

static enum health check_private_key(struct doctor *d)
{
    struct stat facts;

    if (!d->local)
        return found(d, HEALTH_SKIPPED, "%s", NO_FOLDER);
    if (stat(d->private_key, &facts) != 0)
        return found(d, HEALTH_BAD, "%s is not there, or out of reach", d->private_key);
    if (!S_ISREG(facts.st_mode) || (facts.st_mode & 0077) != 0)
        return found(d, HEALTH_BAD, "%s is open to others, or no plain file: mode %04o",
                     d->private_key, facts.st_mode & 07777);
    return found(d, HEALTH_OK, "%s is its owner's own", d->private_key);
}

static enum health check_certificate(struct doctor *d)
{
    const int64_t now = clock_now_ms();
    const char *path = d->certificate;
    struct certificate_facts facts;
    struct bytes pem;
    const struct fault *fault;
    char day[DATE_ISO + 1] = {0};

    if (!d->local)
        return found(d, HEALTH_SKIPPED, "%s", NO_FOLDER);
    fault = file_read(d->arena, path, DOCTOR_PEM_MOST, &pem);
    if (fault == OK)
        fault = certificate_look(pem, NULL, &facts);
    if (fault != OK)
        return found(d, HEALTH_BAD, "%s: %s", path, fault->text);
    day_of(facts.until_ms, day);
    if (facts.until_ms <= now)
        return found(d, HEALTH_BAD, "%s expired on %s", path, day);
    if (facts.from_ms > now)
        return found(d, HEALTH_BAD, "%s does not hold yet: is the clock right?", path);
    if (facts.until_ms < now + FACE_SOON_DAYS * DATE_DAY_MS)
        return found(d, HEALTH_WARN, "%s ends on %s", path, day);
    return found(d, HEALTH_OK, "%s holds until %s", path, day);
}

static enum health check_pair(struct doctor *d)
{
    struct bytes chain;
    struct sensitive *key;
    struct tls *tls;

    if (!d->local || d->memory != OK)
        return found(d, HEALTH_SKIPPED, "%s",
                     d->local ? "no locked memory to read the key into" : NO_FOLDER);
    if (file_read(d->arena, d->certificate, DOCTOR_PEM_MOST, &chain) != OK ||
        file_read_secret(d->arena, d->private_key, KEY_MOST, &key) != OK)
        return found(d, HEALTH_SKIPPED, "one of the two cannot be read by this user");
    if (tls_open(chain, sensitive_view(key), &tls) != OK)
        return found(d, HEALTH_BAD, "%s is not the key of %s, or one of them is damaged",
                     d->private_key, d->certificate);
    tls_close(tls);
    return found(d, HEALTH_OK, "the key belongs to the certificate");
}

/* The endpoint that clients are told: --endpoint's, the environment's, or the server's own. */
static enum health check_names(struct doctor *d)
{
    const char *host = d->settings.host, *own = doctor_status(d, "endpoint");
    struct settings server = {0};
    struct bytes pem;
    struct certificate_facts facts;

    if (host == NULL && own != NULL && settings_take_url(d->arena, own, &server) == OK)
        host = server.host;
    if (!d->local || host == NULL)
        return found(d, HEALTH_SKIPPED,
                     "no endpoint is named, and no server runs that says its own");
    if (file_read(d->arena, d->certificate, DOCTOR_PEM_MOST, &pem) != OK ||
        certificate_look(pem, host, &facts) != OK)
        return found(d, HEALTH_SKIPPED, "the certificate cannot be read");
    if (!facts.named)
        return found(d, HEALTH_BAD, "%s does not name %s", d->certificate, host);
    return found(d, HEALTH_OK, "it names %s", host);
}

static enum health check_socket(struct doctor *d)
{
    const char *path = inner(d, "admin/socket");
    struct stat facts;
    mode_t others = d->config.admin_group.n > 0 ? 0007 : 0077;

    if (!d->local || lstat(path, &facts) != 0)
        return found(d, HEALTH_SKIPPED,
                     "there is none: no server has run here yet, or it is out of reach");
    if (!S_ISSOCK(facts.st_mode))
        return found(d, HEALTH_BAD, "%s is no socket", path);
    if ((facts.st_mode & others) != 0)
        return found(d, HEALTH_BAD, "%s is open to more than it should be: mode %04o", path,
                     facts.st_mode & 07777);
    return found(d, HEALTH_OK, "%s: mode %04o", path, facts.st_mode & 07777);
}

static enum health check_server(struct doctor *d)
{
    const char *status = doctor_status(d, "status");

    if (!d->local)
        return found(d, HEALTH_SKIPPED, "%s", NO_FOLDER);
    if (status == NULL)
        return found(d, HEALTH_WARN, "no server answers at %s", inner(d, "admin/socket"));
    if (strcmp(status, "ready") != 0)
        return found(d, HEALTH_BAD, "it is not ready: %s", status);
    return found(d, HEALTH_OK, "it is ready, version %s", doctor_status(d, "version"));
}

static enum health check_confined(struct doctor *d)
{
    const char *form = doctor_status(d, "confined");

    if (form == NULL)
        return found(d, HEALTH_SKIPPED, "no server runs");
    if (strcmp(form, "files, network, calls") != 0)
        return found(d, HEALTH_WARN, "the server is confined by: %s", form);
    return found(d, HEALTH_OK, "%s", form);
}

static bool is_recent(struct bytes last_used, char day[DATE_ISO + 1])
{
    int64_t ms;

    if (json_ms(last_used, &ms) != OK)
        return false;
    day_of(ms, day);
    return ms > clock_now_ms() - ROOT_RECENT_DAYS * DATE_DAY_MS;
}

static enum health check_root(struct doctor *d)
{
    struct client_reply reply = {0};
    struct walk keys;
    struct bytes key, used;
    char day[DATE_ISO + 1] = {0};
    size_t n = 0;

    if (doctor_status(d, "status") == NULL ||
        client_ask(d->arena, inner(d, "admin/socket"), "POST", "/v1/access_key.list", LIT("{}"),
                   &reply) != OK ||
        reply.status != 200)
        return found(d, HEALTH_SKIPPED, "no server answers here that may be asked");
    for (keys = walk_list(reply.body, LIT("keys")); walk_element(&keys, &key); n++)
        if (walk_find(key, LIT("last_used"), &used) && is_recent(used, day))
            return found(d, HEALTH_WARN, "an access key of the root was used on %s", day);
    return found(d, HEALTH_OK,
                 n == 0 ? "the root has no access key"
                        : "the root's access key was not used lately");
}

static enum health check_quota(struct doctor *d)
{
    const char *percent = doctor_status(d, "quotaPercent"), *secrets = doctor_status(d, "secrets");

    if (percent == NULL || secrets == NULL)
        return found(d, HEALTH_SKIPPED, "no server runs");
    if (strtol(percent, NULL, 10) >= QUOTA_WARN)
        return found(d, HEALTH_WARN, "the account has %s %% of what it may have (%s secrets)",
                     percent, secrets);
    return found(d, HEALTH_OK, "the account has %s %% of what it may have (%s secrets)", percent,
                 secrets);
}

static int64_t newest_record(struct doctor *d)
{
    DIR *folder = opendir(inner(d, "journal"));
    int64_t newest = 0;
    struct dirent *one;
    struct stat facts;

    while (folder != NULL && (one = readdir(folder)) != NULL)
        if (strchr("0123456789", one->d_name[0]) != NULL &&
            fstatat(dirfd(folder), one->d_name, &facts, 0) == 0 &&
            facts.st_mtime * INT64_C(1000) > newest)
            newest = facts.st_mtime * INT64_C(1000);
    if (folder != NULL)
        (void)closedir(folder);
    return newest;
}

/* The year alone is judged without a witness. */
static enum health check_clock(struct doctor *d)
{
    const int64_t now = clock_now_ms();
    const char *sure = doctor_status(d, "clock");
    char text[DATE_ISO + 1] = {0};

    day_of(now, text);
    if (now < date_ms(2025, 1, 1) || now > date_ms(2100, 1, 1))
        return found(d, HEALTH_BAD, "it says %s, which cannot be", text);
    if (sure != NULL && strcmp(sure, "sure") != 0)
        return found(
            d, HEALTH_BAD,
            "the server holds it to be in doubt: it jumped, or the store has seen later times");
    if (d->local && newest_record(d) > now + SKEW_MS)
        return found(d, HEALTH_BAD, "it says %s, and the journal was written to later than that",
                     text);
    return found(d, HEALTH_OK, "it says %s, and nothing here is younger", text);
}

/* clang-format off */
/* budget: table */
const struct check doctor_folder_checks[] = {
    {"clock",            "the year, the journal's newest file, the server's doubts", "set the clock (chrony, systemd-timesyncd); when it is right: coffer clock accept", check_clock},
    {"folder",           "owner and mode of the data folder and its parts", "chown -R the server's user; chmod 700 folders, 600 files; a new one: coffer init", check_folder},
    {"key-file",         "size, mode and place of the file that opens the root key", "chmod 600, outside of the data folder and of its backups; exactly 32 random bytes", check_key_file},
    {"private-key",      "mode of the certificate's private key", "chmod 600; a new pair for a folder: coffer certificate --replace --tls-host NAME", check_private_key},
    {"certificate",      "when the server's certificate begins and ends", "coffer certificate --replace --tls-host NAME (or your authority's), then send SIGHUP", check_certificate},
    {"certificate-key",  "whether key and certificate belong together", "put both from one issue in place, then send SIGHUP", check_pair},
    {"certificate-name", "whether the certificate names the endpoint's host", "coffer certificate --replace --tls-host NAME for each name that clients use", check_names},
    {"admin-socket",     "mode of the admin socket", "start the server again: it makes it anew; admin_group says who else may use it", check_socket},
    {"server",           "whether a server runs on this folder and is ready", "coffer server --data DIR, or coffer unseal; its log says what keeps it", check_server},
    {"confinement",      "the kernel's fences around the running server", "a kernel with Landlock (6.7 for the network) and seccomp; lsm=landlock,... at boot; then confine = require", check_confined},
    {"quota",            "how much of its quotas the account has", "delete what is not needed, or raise account_secrets, account_records, account_mib (coffer.conf)", check_quota},
    {"root-key",         "whether the root's access key is still in use", "make users (coffer user create), give each an access key, then: coffer user key delete --root ID", check_root},
    {0},
};
/* clang-format on */
