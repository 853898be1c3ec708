/* page: cutting what is already there. */
#include "core/identity/page.h"

FAULT(IDENTITY_PAGE, FAULT_CALLER, "identity.page", "The marker is not one that a list gave.");

size_t page_size(const struct identity_page *page)
{
    if (!page->max.said || page->max.value < 1)
        return PAGE_USUAL;
    return page->max.value > PAGE_MOST ? PAGE_MOST : (size_t)page->max.value;
}

fallible page_of(const struct identity_page *page, struct texts names, size_t *first, size_t *n,
                 struct identity_more *more)
{
    size_t at = 0;

    if (page->after.n != 0) {
        while (at < names.n && !bytes_same(names.at[at], page->after))
            at++;
        ENSURE(at++ < names.n, IDENTITY_PAGE);
    }
    *first = at;
    *n = names.n - at > page_size(page) ? page_size(page) : names.n - at;
    if (at + *n < names.n)
        *more = (struct identity_more){names.at[at + *n - 1], true};
    return OK;
}
