/* certificate_look: PEM in, a few facts out. */
#include "crypto/certificate_look.h"

#include "crypto/start.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* clang-format off */
FAULT(CERTIFICATE_ODD, FAULT_CALLER, "certificate.odd", "The file holds no certificate (PEM) that can be read.");
/* clang-format on */

static BIO *open_pem(struct bytes pem)
{
    return pem.n > INT_MAX ? NULL : BIO_new_mem_buf(pem.at, (int)pem.n);
}

static X509 *first_of(struct bytes pem)
{
    BIO *bio = open_pem(pem);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

static bool moment_of(const ASN1_TIME *time, int64_t *ms)
{
    struct tm tm;

    if (ASN1_TIME_to_tm(time, &tm) != 1)
        return false;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

static bool names(X509 *certificate, const char *host)
{
    return host == NULL || X509_check_ip_asc(certificate, host, 0) == 1 ||
           X509_check_host(certificate, host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

static bool write_ip(const ASN1_OCTET_STRING *ip, char name[static CERTIFICATE_NAME_MOST])
{
    const int n = ASN1_STRING_length(ip);

    return (n == 4 || n == 16) && inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip),
                                            name, CERTIFICATE_NAME_MOST) != NULL;
}

static bool write_dns(const ASN1_IA5STRING *dns, char name[static CERTIFICATE_NAME_MOST])
{
    const size_t n = (size_t)ASN1_STRING_length(dns);
    const unsigned char *at = ASN1_STRING_get0_data(dns);

    if (n == 0 || n >= CERTIFICATE_NAME_MOST || memchr(at, '*', n) != NULL ||
        memchr(at, 0, n) != NULL)
        return false;
    memcpy(name, at, n);
    name[n] = '\0';
    return true;
}

static void first_name(X509 *certificate, char name[static CERTIFICATE_NAME_MOST])
{
    GENERAL_NAMES *all = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool found = false;

    name[0] = '\0';
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(all); i++) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);

        found = (one->type == GEN_DNS && write_dns(one->d.dNSName, name)) ||
                (one->type == GEN_IPADD && write_ip(one->d.iPAddress, name));
    }
    GENERAL_NAMES_free(all);
}

fallible certificate_look(struct bytes pem, const char *host, struct certificate_facts *facts)
{
    X509 *certificate = first_of(pem);
    bool read;

    ENSURE(certificate != NULL, CERTIFICATE_ODD);
    facts->named = names(certificate, host);
    first_name(certificate, facts->name);
    read = moment_of(X509_get0_notBefore(certificate), &facts->from_ms) &&
           moment_of(X509_get0_notAfter(certificate), &facts->until_ms);
    X509_free(certificate);
    ERR_clear_error();
    return read ? OK : CERTIFICATE_ODD;
}

/* Reads to the end, or to the one that is wanted. */
static bool holds(BIO *bundle, const X509 *wanted, size_t *seen)
{
    bool found = false;
    X509 *one = NULL;

    for (*seen = 0; !found; ++*seen) {
        one = PEM_read_bio_X509(bundle, NULL, NULL, NULL);
        if (one == NULL)
            break;
        found = X509_cmp(one, wanted) == 0;
        X509_free(one);
    }
    return found;
}

fallible certificate_among(struct bytes pem, struct bytes bundle, bool *among)
{
    X509 *wanted = first_of(pem);
    BIO *bio = open_pem(bundle);
    size_t seen = 0;

    *among = wanted != NULL && bio != NULL && holds(bio, wanted, &seen);
    BIO_free(bio);
    X509_free(wanted);
    ERR_clear_error();
    return wanted != NULL && seen > 0 ? OK : CERTIFICATE_ODD;
}
