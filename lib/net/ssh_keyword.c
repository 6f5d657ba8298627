/* SPDX-License-Identifier: MIT */
/*
 * As of OpenSSH 10.  A keyword may be passed over only if doing so can't let
 * a wrong host in, send a key or a password where it was not to go, or reach
 * another host: what only shows, logs, forwards, keeps alive or trusts more.
 */
#include "config.h"

#include "net/ssh_keyword.h"

#include <strings.h>

#define KEEP(name, setting)                                                    \
	{                                                                      \
		name, SSH_KEYWORD_KEEP, setting, NULL                          \
	}
#define ADD(name, setting)                                                     \
	{                                                                      \
		name, SSH_KEYWORD_ADD, setting, NULL                           \
	}
#define RAW(name, setting)                                                     \
	{                                                                      \
		name, SSH_KEYWORD_RAW, setting, NULL                           \
	}
#define PASS(name)                                                             \
	{                                                                      \
		name, SSH_KEYWORD_PASS, 0, NULL                                \
	}
#define REFUSE(name, harmless)                                                 \
	{                                                                      \
		name, SSH_KEYWORD_REFUSE, 0, harmless                          \
	}

static const struct ssh_keyword keywords[] = {
	{ "host", SSH_KEYWORD_HOST, 0, NULL },
	{ "match", SSH_KEYWORD_MATCH, 0, NULL },
	{ "include", SSH_KEYWORD_INCLUDE, 0, NULL },
	KEEP("hostname", SSH_SET_HOSTNAME),
	KEEP("port", SSH_SET_PORT),
	KEEP("user", SSH_SET_USER),
	ADD("identityfile", SSH_SET_IDENTITY_FILE),
	KEEP("identitiesonly", SSH_SET_IDENTITIES_ONLY),
	KEEP("identityagent", SSH_SET_IDENTITY_AGENT),
	KEEP("userknownhostsfile", SSH_SET_USER_KNOWN_HOSTS),
	KEEP("globalknownhostsfile", SSH_SET_GLOBAL_KNOWN_HOSTS),
	KEEP("hostkeyalias", SSH_SET_HOST_KEY_ALIAS),
	KEEP("stricthostkeychecking", SSH_SET_STRICT),
	KEEP("hashknownhosts", SSH_SET_HASH_KNOWN_HOSTS),
	KEEP("ciphers", SSH_SET_CIPHERS),
	KEEP("macs", SSH_SET_MACS),
	KEEP("kexalgorithms", SSH_SET_KEX),
	KEEP("hostkeyalgorithms", SSH_SET_HOST_KEY_ALGORITHMS),
	KEEP("pubkeyacceptedalgorithms", SSH_SET_PUBKEY_ALGORITHMS),
	KEEP("pubkeyacceptedkeytypes", SSH_SET_PUBKEY_ALGORITHMS),
	KEEP("pubkeyauthentication", SSH_SET_PUBKEY_AUTH),
	KEEP("passwordauthentication", SSH_SET_PASSWORD_AUTH),
	KEEP("kbdinteractiveauthentication", SSH_SET_KBDINT_AUTH),
	KEEP("challengeresponseauthentication", SSH_SET_KBDINT_AUTH),
	KEEP("preferredauthentications", SSH_SET_PREFERRED_AUTH),
	KEEP("batchmode", SSH_SET_BATCH_MODE),
	KEEP("addressfamily", SSH_SET_ADDRESS_FAMILY),
	KEEP("bindaddress", SSH_SET_BIND_ADDRESS),
	KEEP("ignoreunknown", SSH_SET_IGNORE_UNKNOWN),
	RAW("proxycommand", SSH_SET_PROXY_COMMAND),
	KEEP("proxyjump", SSH_SET_PROXY_JUMP),
	REFUSE("certificatefile", NULL),
	REFUSE("revokedhostkeys", "none"),
	REFUSE("pkcs11provider", "none"),
	REFUSE("smartcarddevice", "none"),
	REFUSE("canonicalizehostname", "no"),
	REFUSE("proxyusefdpass", "no"),
	REFUSE("bindinterface", NULL),
	REFUSE("requiredrsasize", NULL),
	REFUSE("refuseconnection", NULL),
	PASS("addkeystoagent"),
	PASS("canonicaldomains"),
	PASS("canonicalizefallbacklocal"),
	PASS("canonicalizemaxdots"),
	PASS("canonicalizepermittedcnames"),
	PASS("casignaturealgorithms"),
	PASS("channeltimeout"),
	PASS("checkhostip"),
	PASS("cipher"),
	PASS("clearallforwardings"),
	PASS("compression"),
	PASS("compressionlevel"),
	PASS("connectionattempts"),
	PASS("connecttimeout"),
	PASS("controlmaster"),
	PASS("controlpath"),
	PASS("controlpersist"),
	PASS("dynamicforward"),
	PASS("enableescapecommandline"),
	PASS("enablesshkeysign"),
	PASS("escapechar"),
	PASS("exitonforwardfailure"),
	PASS("fingerprinthash"),
	PASS("forkafterauthentication"),
	PASS("forwardagent"),
	PASS("forwardx11"),
	PASS("forwardx11timeout"),
	PASS("forwardx11trusted"),
	PASS("gatewayports"),
	PASS("gssapiauthentication"),
	PASS("gssapiclientidentity"),
	PASS("gssapidelegatecredentials"),
	PASS("gssapikeyexchange"),
	PASS("gssapikexalgorithms"),
	PASS("gssapirenewalforcesrekey"),
	PASS("gssapiserveridentity"),
	PASS("gssapitrustdns"),
	PASS("hostbasedacceptedalgorithms"),
	PASS("hostbasedauthentication"),
	PASS("hostbasedkeytypes"),
	PASS("ipqos"),
	PASS("kbdinteractivedevices"),
	PASS("knownhostscommand"),
	PASS("localcommand"),
	PASS("localforward"),
	PASS("loglevel"),
	PASS("logverbose"),
	PASS("nohostauthenticationforlocalhost"),
	PASS("numberofpasswordprompts"),
	PASS("obscurekeystroketiming"),
	PASS("permitlocalcommand"),
	PASS("permitremoteopen"),
	PASS("protocol"),
	PASS("rekeylimit"),
	PASS("remotecommand"),
	PASS("remoteforward"),
	PASS("requesttty"),
	PASS("securitykeyprovider"),
	PASS("sendenv"),
	PASS("serveralivecountmax"),
	PASS("serveraliveinterval"),
	PASS("sessiontype"),
	PASS("setenv"),
	PASS("stdinnull"),
	PASS("streamlocalbindmask"),
	PASS("streamlocalbindunlink"),
	PASS("syslogfacility"),
	PASS("tag"),
	PASS("tcpkeepalive"),
	PASS("tunnel"),
	PASS("tunneldevice"),
	PASS("updatehostkeys"),
	PASS("useprivilegedport"),
	PASS("verifyhostkeydns"),
	PASS("versionaddendum"),
	PASS("visualhostkey"),
	PASS("warnweakcrypto"),
	PASS("xauthlocation"),
};

#define N_KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

_Static_assert(N_KEYWORDS <= SSH_KEYWORDS, "no room for all keywords");

const struct ssh_keyword *
ssh_keyword_find(const char *name, size_t *ret_index)
{
	size_t i;

	for (i = 0; i < N_KEYWORDS; i++) {
		if (strcasecmp(keywords[i].name, name) == 0) {
			*ret_index = i;
			return &keywords[i];
		}
	}
	return NULL;
}
