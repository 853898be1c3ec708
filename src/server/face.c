/* face: two questions to the certificate. */
#include "server/face.h"

#include "base/log.h"
#include "codec/date.h"

#include <stdio.h>
#include <string.h>

static const char VALID[] = "valid", SOON[] = "ends soon";

const char *face_certificate(const struct face *face, int64_t now_ms, int64_t *until_ms)
{
    struct certificate_facts facts;

    if (face->tls == NULL || tls_look(face->tls, NULL, &facts) != OK)
        return NULL;
    *until_ms = facts.until_ms;
    if (facts.until_ms <= now_ms)
        return "expired";
    if (facts.from_ms > now_ms)
        return "not valid yet";
    return facts.until_ms < now_ms + FACE_SOON_DAYS * DATE_DAY_MS ? SOON : VALID;
}

static bool is_here(const struct address *address)
{
    static const uint8_t any[2][16] = {{0}, {[10] = 0xff, 0xff}};

    return address_loopback(address) || memcmp(address->ip, any[0], sizeof any[0]) == 0 ||
           memcmp(address->ip, any[1], sizeof any[1]) == 0;
}

void face_url(const struct face *face, char url[static FACE_URL])
{
    struct certificate_facts facts = {.named = true};
    char text[ADDRESS_TEXT] = "localhost";
    const char *host = text;
    bool bare;

    if (!is_here(&face->first))
        (void)address_write(&face->first, text);
    if (face->tls != NULL && tls_look(face->tls, text, &facts) == OK && !facts.named &&
        facts.name[0] != '\0')
        host = facts.name;
    bare = strchr(host, ':') == NULL;
    (void)snprintf(url, FACE_URL, "%s://%s%s%s:%u", face->tls == NULL ? "http" : "https",
                   bare ? "" : "[", host, bare ? "" : "]", (unsigned)face->first.port);
}

void face_tell(const struct face *face, int64_t now_ms, const char **told)
{
    uint8_t until[DATE_ISO];
    int64_t until_ms;
    const char *state = face_certificate(face, now_ms, &until_ms);

    if (state == NULL || state == *told)
        return;
    *told = state;
    if (state == VALID)
        return;
    date_iso(until_ms, until);
    LOG(state == SOON ? LOG_NOTICE : LOG_ERROR, "certificate.doubtful",
        F("certificate", bytes_of(state)), F("until", ((struct bytes){until, sizeof until})));
}
