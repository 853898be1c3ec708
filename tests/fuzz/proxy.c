/* A PROXY header: any bytes are refused, or wait for more, or are whole; however they come in
 * pieces, the end is the same, and nothing behind the header is looked at. */
#include "fuzz/must.h"

#include "net/proxy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    const struct fault *fault = OK;
    struct address first = {0}, again = {0};
    size_t whole = PROXY_LEAST, come = 0;
    bool told = false, told_again;

    for (; come <= n && fault == OK; come++) {
        uint8_t *copy = malloc(come + 1); /* so that a look beyond shows */

        MUST(copy != NULL);
        if (come > 0)
            memcpy(copy, at, come);
        fault = proxy_read((struct bytes){copy, come}, &whole, &told, &first);
        free(copy);
        if (fault == OK && come == whole)
            break;
        MUST(!told || fault != OK);
    }
    MUST(fault == OK || fault == PROXY_MALFORMED);
    MUST(whole >= PROXY_LEAST && whole <= PROXY_MOST + UINT16_MAX);
    if (fault != OK || come != whole)
        return 0;
    MUST(whole <= PROXY_MOST);
    MUST(proxy_read((struct bytes){at, n}, &whole, &told_again, &again) == OK);
    MUST(told_again == told && first.port == again.port &&
         memcmp(first.ip, again.ip, sizeof first.ip) == 0);
    return 0;
}
