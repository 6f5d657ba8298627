/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_NODIGEST_H
#define DSYNC_TESTS_NODIGEST_H

/*
 * Makes libcrypto fail on demand.  Included by the one file of a test program,
 * whose definitions then stand before those of the shared library.
 */

#include <dlfcn.h>
#include <string.h>

#include <openssl/evp.h>

static int nodigest_left;

/* The k-th call into libcrypto from here on fails, once; with 0 none does. */
static inline void
nodigest_at(int k)
{
	nodigest_left = k;
}

static inline int
nodigest_fails(void)
{
	return nodigest_left > 0 && --nodigest_left == 0;
}

/* Sets the function pointer at real to the library's own function. */
static inline void
nodigest_find(const char *name, void *real)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(real, &symbol, sizeof(symbol));
}

EVP_MD *
EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties)
{
	EVP_MD *(*real)(OSSL_LIB_CTX *, const char *, const char *);

	nodigest_find("EVP_MD_fetch", &real);
	return nodigest_fails() ? NULL : real(ctx, algorithm, properties);
}

EVP_MD_CTX *
EVP_MD_CTX_new(void)
{
	EVP_MD_CTX *(*real)(void);

	nodigest_find("EVP_MD_CTX_new", &real);
	return nodigest_fails() ? NULL : real();
}

int
EVP_DigestInit_ex2(EVP_MD_CTX *ctx, const EVP_MD *type,
    const OSSL_PARAM params[])
{
	int (*real)(EVP_MD_CTX *, const EVP_MD *, const OSSL_PARAM[]);

	nodigest_find("EVP_DigestInit_ex2", &real);
	return nodigest_fails() ? 0 : real(ctx, type, params);
}

int
EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len)
{
	int (*real)(EVP_MD_CTX *, const void *, size_t);

	nodigest_find("EVP_DigestUpdate", &real);
	return nodigest_fails() ? 0 : real(ctx, data, len);
}

int
EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *md, unsigned *size)
{
	int (*real)(EVP_MD_CTX *, unsigned char *, unsigned *);

	nodigest_find("EVP_DigestFinal_ex", &real);
	return nodigest_fails() ? 0 : real(ctx, md, size);
}

#endif
