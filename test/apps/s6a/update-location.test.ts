/** Update-Location-Request: checks in the order of the clause, and the answer [29.272-5.2.1.1.3]. */
import { MME1, PLMN_26201, S6aHss, SGSN1 } from './support/s6a-hss';
import { epsSubscriber, IMSI, twoApns } from './support/subscribers';

const hss = (...args: Parameters<typeof epsSubscriber>) =>
  new S6aHss({ subscriptions: [epsSubscriber(...args)] });

describe('ULR: success', () => {
  it('registers the MME and gives the subscription data', () => {
    const it = hss();
    const { result, avps, changes, outbox } = it.ulr({ userName: IMSI });
    expect(result).toEqual({ kind: 'base', code: 2001 });
    expect(avps.ulaFlags).toBe(1);
    expect(avps.subscriptionData).toMatchInlineSnapshot(`
     {
       "ambr": {
         "maxRequestedBandwidthDl": 100000000,
         "maxRequestedBandwidthUl": 50000000,
       },
       "apnConfigurationProfile": {
         "allApnConfigurationsIncludedIndicator": 0,
         "apnConfiguration": [
           {
             "ambr": {
               "maxRequestedBandwidthDl": 100000000,
               "maxRequestedBandwidthUl": 50000000,
             },
             "contextIdentifier": 1,
             "epsSubscribedQosProfile": {
               "allocationRetentionPriority": {
                 "preEmptionCapability": 1,
                 "preEmptionVulnerability": 0,
                 "priorityLevel": 8,
               },
               "qosClassIdentifier": 9,
             },
             "pdnType": 2,
             "serviceSelection": "internet",
           },
           {
             "ambr": {
               "maxRequestedBandwidthDl": 1000000,
               "maxRequestedBandwidthUl": 1000000,
             },
             "contextIdentifier": 2,
             "epsSubscribedQosProfile": {
               "allocationRetentionPriority": {
                 "preEmptionCapability": 1,
                 "preEmptionVulnerability": 0,
                 "priorityLevel": 1,
               },
               "qosClassIdentifier": 5,
             },
             "pdnType": 2,
             "serviceSelection": "ims",
           },
         ],
         "contextIdentifier": 1,
       },
       "msisdn": {
         "data": [
           148,
           113,
           1,
           0,
           0,
           16,
         ],
         "type": "Buffer",
       },
       "networkAccessMode": 2,
       "subscriberStatus": 0,
     }
    `);
    expect(changes).toHaveLength(1);
    expect(outbox).toBeUndefined();
    expect(it.nodes(IMSI)).toMatchInlineSnapshot(`
     {
       "imsi": "001010000000001",
       "mme": {
         "features": null,
         "host": "mme1.epc.example",
         "isPurged": false,
         "ratType": 1004,
         "realm": "epc.example",
         "sinceMs": 1704067200000,
         "ulrFlags": 34,
         "visitedPlmnId": "00f110",
       },
     }
    `);
  });
});
void [MME1, PLMN_26201, SGSN1, twoApns];
