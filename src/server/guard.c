/* guard: three headers. */
#include "server/guard.h"

#include "codec/text.h"

#include <arpa/inet.h>
#include <string.h>

enum { HOST_MOST = 255 };

/* clang-format off */
FAULT(GUARD_HOST, FAULT_DENIED, "guard.host", "This Host is not served by coffer dev: say --host NAME when starting it.");
FAULT(GUARD_ORIGIN, FAULT_DENIED, "guard.origin", "coffer dev answers no web page: the request has an Origin.");
FAULT(GUARD_SITE, FAULT_DENIED, "guard.site", "coffer dev answers no web page: the request has a Sec-Fetch-Site.");
/* clang-format on */

static bool is_port(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.n > 0;
}

/* The host without its port, and without the brackets of an IPv6 address; nothing when it has more
 * than these. */
static struct bytes host_of(struct bytes host)
{
    const bool six = host.n > 0 && host.at[0] == '[';
    struct bytes rest = six ? bytes_after(host, 1) : host, name;

    if (six && (!bytes_cut(&rest, ']', &name) || (rest.n > 0 && rest.at[0] != ':')))
        return (struct bytes){0};
    if (!six && !bytes_cut(&rest, ':', &name))
        return host;
    if (six && rest.n > 0)
        rest = bytes_after(rest, 1);
    else if (six)
        return name;
    return is_port(rest) ? name : (struct bytes){0};
}

static bool is_loopback(struct bytes host)
{
    char text[HOST_MOST + 1] = {0};
    uint8_t ip[16];

    if (host.n > HOST_MOST)
        return false;
    memcpy(text, host.at, host.n);
    if (inet_pton(AF_INET, text, ip) == 1)
        return ip[0] == 127;
    return inet_pton(AF_INET6, text, ip) == 1 && memcmp(ip, &in6addr_loopback, sizeof ip) == 0;
}

static bool host_known(const struct config *config, struct bytes host)
{
    if (host.n == 0)
        return false;
    if (text_same_caseless(host, LIT("localhost")) || is_loopback(host))
        return true;
    for (size_t i = 0; i < config->hosts.n; i++) {
        if (text_same_caseless(host, config->hosts.at[i]))
            return true;
    }
    return false;
}

/* Each header of the name: no browser sends two, so a second one is somebody's game. */
static bool from_elsewhere(const struct http_request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct bytes name = raw_reveal(request->headers[i].name);
        const struct bytes site = raw_reveal(request->headers[i].value);

        if (bytes_same(name, LIT("sec-fetch-site")) && !bytes_same(site, LIT("same-origin")) &&
            !bytes_same(site, LIT("none")))
            return true;
    }
    return false;
}

fallible guard_judge(const struct config *config, const struct http_request *request)
{
    struct bytes host = raw_reveal(http_header(request, LIT("host")));

    ENSURE(host_known(config, host_of(host)), GUARD_HOST);
    ENSURE(http_header(request, LIT("origin")).at == NULL, GUARD_ORIGIN);
    ENSURE(!from_elsewhere(request), GUARD_SITE);
    return OK;
}
