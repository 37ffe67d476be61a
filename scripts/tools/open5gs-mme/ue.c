/*
 * One eNodeB with one UE in front of an Open5GS MME. It is built inside a checkout of Open5GS on that project's
 * own test library, which makes the S1AP and NAS messages (build.sh). It answers what the MME says and prints it.
 *
 * The environment says who it is: UE_IMSI (15 digits), UE_K, UE_OPC, UE_SECONDS (how long it stays), UE_RESYNC_SQN (the first
 * challenge is then refused with a synchronisation failure and this SQN).
 */
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include "test-common.h"

#define PLAIN_HEADER_OCTETS 6
#define AMF_SEPARATION_BIT 0x80

static ogs_socknode_t *mme;
static test_ue_t *ue;
static test_sess_t *session;
static bool refuse_challenge;
static bool finished;

static void say(const char *text)
{
    printf("UE: %s\n", text);
    fflush(stdout);
}

static void send_s1ap(ogs_pkbuf_t *message)
{
    int rv;
    ogs_assert(message);
    rv = testenb_s1ap_send(mme, message);
    ogs_assert(rv == OGS_OK);
}

static void send_nas(ogs_pkbuf_t *nas)
{
    ogs_assert(nas);
    send_s1ap(test_s1ap_build_uplink_nas_transport(ue, nas));
}

/* f1 over what the challenge says, as a USIM does; the AMF must have the separation bit [33.401 6.1.1]. */
static bool challenge_is_genuine(uint64_t *sqn_of_network, uint8_t *amf)
{
    uint8_t ak[OGS_AK_LEN], sqn[OGS_SQN_LEN], mac[OGS_MAC_S_LEN];
    int i;
    ogs_hex_from_string(ue->k_string, ue->k, sizeof ue->k);
    ogs_hex_from_string(ue->opc_string, ue->opc, sizeof ue->opc);
    milenage_f2345(ue->opc, ue->k, ue->rand, NULL, NULL, NULL, ak, NULL);
    *sqn_of_network = 0;
    for (i = 0; i < OGS_SQN_LEN; i++) {
        sqn[i] = ue->autn[i] ^ ak[i];
        *sqn_of_network = *sqn_of_network << 8 | sqn[i];
    }
    *amf = ue->autn[OGS_SQN_LEN];
    milenage_f1(ue->opc, ue->k, ue->rand, sqn, ue->autn + OGS_SQN_LEN, mac, NULL);
    return memcmp(mac, ue->autn + OGS_SQN_LEN + 2, sizeof mac) == 0;
}

static void answer_challenge(void)
{
    uint64_t sqn;
    uint8_t amf;
    bool genuine = challenge_is_genuine(&sqn, &amf);
    printf("UE: Authentication Request, SQN %012llx, MAC %s, separation bit %s\n", (unsigned long long)sqn,
            genuine ? "right" : "WRONG", amf & AMF_SEPARATION_BIT ? "set" : "MISSING");
    fflush(stdout);
    if (refuse_challenge) {
        refuse_challenge = false;
        say("Authentication Failure, EMM cause 21 (synch failure)");
        send_nas(testemm_build_authentication_failure(ue, OGS_NAS_EMM_CAUSE_SYNCH_FAILURE,
                strtoull(getenv("UE_RESYNC_SQN"), NULL, 0)));
        return;
    }
    send_nas(testemm_build_authentication_response(ue));
}

static void accept_attach(void)
{
    test_bearer_t *bearer;
    say("Attach Accept");
    send_s1ap(test_s1ap_build_initial_context_setup_response(ue));
    bearer = test_bearer_find_by_ue_ebi(ue, 5);
    ogs_assert(bearer);
    send_nas(testemm_build_attach_complete(ue, testesm_build_activate_default_eps_bearer_context_accept(bearer, false)));
}

static void accept_detach(uint8_t type)
{
    ogs_nas_eps_message_t message;
    printf("UE: Detach Request from the network, type %d\n", type & 7);
    fflush(stdout);
    memset(&message, 0, sizeof message);
    message.h.security_header_type = OGS_NAS_SECURITY_HEADER_INTEGRITY_PROTECTED_AND_CIPHERED;
    message.h.protocol_discriminator = OGS_NAS_PROTOCOL_DISCRIMINATOR_EMM;
    message.emm.h.protocol_discriminator = OGS_NAS_PROTOCOL_DISCRIMINATOR_EMM;
    message.emm.h.message_type = OGS_NAS_EPS_DETACH_ACCEPT;
    send_nas(test_nas_eps_security_encode(ue, &message));
}

/* The NAS message of a DownlinkNASTransport without its security header; EEA0 leaves it readable. */
static bool downlink_nas(ogs_pkbuf_t *received, uint8_t *nas, size_t room, size_t *length)
{
    ogs_s1ap_message_t message;
    S1AP_DownlinkNASTransport_t *transport;
    bool found = false;
    int i;
    ogs_pkbuf_t *copy = ogs_pkbuf_copy(received);
    ogs_assert(copy);
    ogs_assert(ogs_s1ap_decode(&message, copy) == OGS_OK);
    if (message.present == S1AP_S1AP_PDU_PR_initiatingMessage &&
        message.choice.initiatingMessage->procedureCode == S1AP_ProcedureCode_id_downlinkNASTransport) {
        transport = &message.choice.initiatingMessage->value.choice.DownlinkNASTransport;
        for (i = 0; i < transport->protocolIEs.list.count; i++) {
            S1AP_DownlinkNASTransport_IEs_t *ie = transport->protocolIEs.list.array[i];
            if (ie->id == S1AP_ProtocolIE_ID_id_NAS_PDU && ie->value.choice.NAS_PDU.size <= room) {
                size_t header;
                *length = ie->value.choice.NAS_PDU.size;
                memcpy(nas, ie->value.choice.NAS_PDU.buf, *length);
                header = *length > PLAIN_HEADER_OCTETS + 2 && nas[0] >> 4 ? PLAIN_HEADER_OCTETS : 0;
                *length -= header;
                memmove(nas, nas + header, *length);
                found = *length >= 3;
            }
            if (ie->id == S1AP_ProtocolIE_ID_id_MME_UE_S1AP_ID) ue->mme_ue_s1ap_id = ie->value.choice.MME_UE_S1AP_ID;
        }
    }
    ogs_s1ap_free(&message);
    ogs_pkbuf_free(copy);
    return found;
}

static void hear_nas(const uint8_t *nas)
{
    bool emm = (nas[0] & 0x0f) == OGS_NAS_PROTOCOL_DISCRIMINATOR_EMM;
    if (!emm && nas[2] == OGS_NAS_EPS_ESM_INFORMATION_REQUEST) {
        say("ESM Information Request");
        send_nas(testesm_build_esm_information_response(session));
    } else if (!emm) {
        printf("UE: ESM message %d\n", nas[2]);
    } else if (nas[1] == OGS_NAS_EPS_AUTHENTICATION_REQUEST) {
        answer_challenge();
    } else if (nas[1] == OGS_NAS_EPS_SECURITY_MODE_COMMAND) {
        say("Security Mode Command");
        ue->mobile_identity_imeisv_presence = true;
        send_nas(testemm_build_security_mode_complete(ue));
    } else if (nas[1] == OGS_NAS_EPS_ATTACH_REJECT) {
        printf("UE: Attach Reject, EMM cause %d\n", nas[2]);
        finished = true;
    } else if (nas[1] == OGS_NAS_EPS_AUTHENTICATION_REJECT) {
        say("Authentication Reject");
        finished = true;
    } else if (nas[1] == OGS_NAS_EPS_EMM_INFORMATION) {
        say("EMM Information: attached");
    } else {
        printf("UE: EMM message %d\n", nas[1]);
    }
    fflush(stdout);
}

static void hear(ogs_pkbuf_t *received)
{
    uint8_t nas[512];
    size_t length = 0;
    bool has_nas = downlink_nas(received, nas, sizeof nas, &length);

    /* The test library takes a Detach Request for one from a UE. */
    if (has_nas && nas[1] == OGS_NAS_EPS_DETACH_REQUEST) {
        ogs_pkbuf_free(received);
        accept_detach(nas[2]);
        return;
    }
    tests1ap_recv(ue, received);
    if (has_nas) {
        hear_nas(nas);
    } else if (ue->s1ap_procedure_code == S1AP_ProcedureCode_id_InitialContextSetup) {
        accept_attach();
    } else if (ue->s1ap_procedure_code == S1AP_ProcedureCode_id_UEContextRelease) {
        say("UE Context Release Command");
        send_s1ap(test_s1ap_build_ue_context_release_complete(ue));
        finished = true;
    }
}

/* Octets of 24.301 9.9.3.12: the first digit beside the type, then two digits an octet, low half first. */
static void write_imsi(const char *digits)
{
    uint8_t *octets = (uint8_t *)&ue->mobile_identity_imsi;
    int i;
    ogs_assert(strlen(digits) == 15);
    octets[0] = (digits[0] - '0') << 4 | 8 | OGS_NAS_MOBILE_IDENTITY_IMSI;
    for (i = 1; i < 15; i += 2) octets[(i + 1) / 2] = (digits[i + 1] - '0') << 4 | (digits[i] - '0');
}

static void make_ue(void)
{
    const char *imsi = getenv("UE_IMSI");
    ogs_nas_5gs_mobile_identity_suci_t suci;
    memset(&suci, 0, sizeof suci);
    suci.h.supi_format = OGS_NAS_5GS_SUPI_FORMAT_IMSI;
    suci.h.type = OGS_NAS_5GS_MOBILE_IDENTITY_SUCI;
    suci.routing_indicator2 = suci.routing_indicator3 = suci.routing_indicator4 = 0xf;
    suci.protection_scheme_id = OGS_PROTECTION_SCHEME_NULL;
    ogs_assert(imsi);
    ue = test_ue_add_by_suci(&suci, imsi + 5);
    ogs_assert(ue);
    write_imsi(imsi);
    ue->e_cgi.cell_id = 0x1079baf0;
    ue->nas.ksi = OGS_NAS_KSI_NO_KEY_IS_AVAILABLE;
    ue->nas.value = OGS_NAS_ATTACH_TYPE_EPS_ATTACH;
    ue->k_string = getenv("UE_K");
    ue->opc_string = getenv("UE_OPC");
    session = test_sess_add_by_apn(ue, "internet", OGS_GTP2_RAT_TYPE_EUTRAN);
    ogs_assert(session);
    session->pdn_connectivity_param.eit = 1;
    session->pdn_connectivity_param.request_type = OGS_NAS_EPS_REQUEST_TYPE_INITIAL;
    session->esm_information_param.epco = 1;
    ue->attach_request_param.drx_parameter = 1;
    ue->attach_request_param.ms_network_capability = 1;
    refuse_challenge = getenv("UE_RESYNC_SQN") != NULL;
}

static void attach(void)
{
    ogs_pkbuf_t *esm = testesm_build_pdn_connectivity_request(session, false, OGS_NAS_EPS_PDN_TYPE_IPV4V6);
    ogs_pkbuf_t *emm = testemm_build_attach_request(ue, esm, false, false);
    ogs_assert(emm);
    say("Attach Request");
    send_s1ap(test_s1ap_build_initial_ue_message(ue, emm, S1AP_RRC_Establishment_Cause_mo_Signalling, false));
}

int main(int argc, const char *const argv[])
{
    time_t end = time(NULL) + atoi(getenv("UE_SECONDS"));
    struct pollfd waiting;

    ogs_assert(ogs_app_initialize(NULL, NULL, argv) == OGS_OK);
    ogs_log_install_domain(&__ogs_sctp_domain, "sctp", OGS_LOG_ERROR);
    ogs_log_install_domain(&__ogs_s1ap_domain, "s1ap", OGS_LOG_ERROR);
    ogs_log_install_domain(&__ogs_nas_domain, "nas", OGS_LOG_ERROR);
    ogs_log_install_domain(&__ogs_gtp_domain, "gtp", OGS_LOG_ERROR);
    ogs_sctp_init(0);
    ogs_assert(ogs_app_parse_local_conf("test") == OGS_OK);
    test_context_init();
    ogs_assert(test_context_parse_config() == OGS_OK);
    make_ue();

    mme = tests1ap_client(AF_INET);
    ogs_assert(mme);
    send_s1ap(test_s1ap_build_s1_setup_request(S1AP_ENB_ID_PR_macroENB_ID, 0x54f64));
    {
        ogs_pkbuf_t *received = testenb_s1ap_read(mme);
        ogs_assert(received);
        tests1ap_recv(NULL, received);
    }
    attach();
    waiting.fd = mme->sock->fd;
    waiting.events = POLLIN;
    while (!finished && time(NULL) < end) {
        ogs_pkbuf_t *received;
        if (poll(&waiting, 1, 500) <= 0) continue;
        received = testenb_s1ap_read(mme);
        if (!received) break;
        hear(received);
    }
    /* A refused UE answers the release of its context, so that the MME forgets it. */
    if (finished && poll(&waiting, 1, 1000) > 0) {
        ogs_pkbuf_t *received = testenb_s1ap_read(mme);
        if (received) hear(received);
    }
    say("leaves");
    testenb_s1ap_close(mme);
    return 0;
}
