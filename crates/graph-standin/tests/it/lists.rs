//! Lists and their pages.

use std::collections::BTreeSet;

use graph_standin::state::Collection;
use graph_standin::{Seed, seed};
use serde_json::Value;

use crate::client::Client;

const POLICIES: &str = "/beta/deviceManagement/configurationPolicies";
const DEVICES: &str = "/beta/deviceManagement/deviceConfigurations";

fn ids(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect()
}

#[tokio::test]
async fn a_page_has_25_items_unless_asked_otherwise() {
    let client = Client::seeded(Seed::Many(120)).await;
    let (all, pages) = client.walk(POLICIES).await;
    assert_eq!((all.len(), pages), (60, 3));
    let (by_sevens, pages) = client.walk(&format!("{POLICIES}?$top=7")).await;
    assert_eq!((ids(&by_sevens), pages), (ids(&all), 9));
    let (at_once, pages) = client.walk(&format!("{POLICIES}?&top=5000")).await;
    assert_eq!((at_once.len(), pages), (60, 1));
}

#[tokio::test]
async fn a_link_is_encoded_twice_and_repeats_the_other_options() {
    let client = Client::seeded(Seed::Many(120)).await;
    let (_status, body) = client
        .get(&format!("{POLICIES}?$top=7&expand=assignments"))
        .await;
    let link = body["@odata.nextLink"].as_str().expect("more pages");
    assert!(
        link.starts_with(&client.url(&format!(
            "{POLICIES}?$top=7&expand=assignments&$skiptoken=%255B"
        ))),
        "{link}"
    );
    let undone = link.replace("%25", "%");
    let response = client
        .http
        .get(undone)
        .bearer_auth(&client.token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        response.status(),
        400,
        "a link that was rebuilt is worth nothing"
    );
}

#[tokio::test]
async fn a_link_of_one_collection_is_worth_nothing_for_another() {
    let client = Client::seeded(Seed::Many(120)).await;
    let (_status, body) = client.get(POLICIES).await;
    let link = body["@odata.nextLink"]
        .as_str()
        .expect("more pages")
        .replace("configurationPolicies", "deviceConfigurations");
    let response = client
        .http
        .get(link)
        .bearer_auth(&client.token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn what_is_deleted_meanwhile_shifts_no_page() {
    let client = Client::seeded(Seed::Many(120)).await;
    let (all, _pages) = client.walk(POLICIES).await;
    let (_status, first) = client.get(POLICIES).await;
    for id in ids(&all).into_iter().take(5) {
        client.standin.state().delete(
            seed::DEMO_DIRECTORY_ID,
            Collection::ConfigurationPolicies,
            id,
        );
    }
    let link = first["@odata.nextLink"].as_str().expect("more pages");
    let second: Value = client
        .http
        .get(link)
        .bearer_auth(&client.token)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(second["value"][0]["id"], all[25]["id"]);
}

#[tokio::test]
async fn a_list_names_its_collection_and_a_sub_collection_its_parent() {
    let client = Client::small().await;
    let base = client.standin.base_url();
    let id = client.id("WIN - Baseline of sixty");
    let context = async |path: String| {
        client.get(&path).await.1["@odata.context"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let start = format!("{base}/beta/$metadata#deviceManagement/configurationPolicies");
    assert_eq!(context(POLICIES.to_owned()).await, start);
    assert_eq!(
        context(format!("{POLICIES}/{id}")).await,
        format!("{start}/$entity")
    );
    assert_eq!(
        context(format!("{POLICIES}/{id}/settings")).await,
        format!("{start}('{id}')/settings")
    );
    assert_eq!(
        context(format!("{POLICIES}('{id}')/assignments")).await,
        format!("{start}('{id}')/assignments")
    );
}

#[tokio::test]
async fn a_list_has_no_settings_and_a_single_object_is_full() {
    let client = Client::small().await;
    let (list, _pages) = client.walk(POLICIES).await;
    assert!(
        list.iter()
            .all(|item| item.get("settings").is_none() && item.get("assignments").is_none())
    );
    let id = client.id("WIN - Baseline of sixty");
    let (_status, single) = client
        .get(&format!("{POLICIES}/{id}?$expand=settings,assignments"))
        .await;
    assert_eq!(single["settingCount"], 60);
    assert_eq!(single["settings"].as_array().map(Vec::len), Some(60));
    assert_eq!(client.walk(&format!("{POLICIES}/{id}/settings")).await.1, 3);
    assert_eq!(
        client
            .walk(&format!("{POLICIES}/{id}/settings?&top=1000"))
            .await
            .1,
        1
    );
}

#[tokio::test]
async fn filters_and_selections_are_as_intune_has_them() {
    let client = Client::seeded(Seed::Demo).await;
    let (found, _pages) = client
        .walk(&format!(
            "{DEVICES}?$filter=displayName eq 'WIN - Directors'' laptops, local administrators'"
        ))
        .await;
    assert_eq!(found.len(), 1);
    let (named, _pages) = client
        .walk(&format!(
            "{POLICIES}?$filter=name%20eq%20'WIN%20-%20Edge%20home%20page'"
        ))
        .await;
    assert_eq!(named.len(), 2, "names are not unique");
    let (custom, _pages) = client
        .walk(&format!(
            "{DEVICES}?filter=isof('microsoft.graph.windows10CustomConfiguration')"
        ))
        .await;
    assert_eq!(custom.len(), 3);
    let (all, _pages) = client
        .walk(&format!("{DEVICES}?$filter=startswith(displayName,'MAC')"))
        .await;
    assert_eq!(all.len(), 26, "an unknown filter is ignored in silence");
    let (selected, _pages) = client.walk(&format!("{DEVICES}?$select=displayName")).await;
    let keys: BTreeSet<&str> = selected
        .iter()
        .flat_map(|item| item.as_object().expect("an object").keys())
        .map(String::as_str)
        .collect();
    assert_eq!(keys, BTreeSet::from(["@odata.type", "displayName", "id"]));
}

#[tokio::test]
async fn groups_are_found_by_name_and_refuse_what_they_cannot_filter() {
    let client = Client::small().await;
    let (found, _pages) = client
        .walk("/v1.0/groups?$filter=displayName eq 'Directors'' laptops'&$select=id,displayName")
        .await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        client
            .walk("/beta/groups?$filter=displayName eq 'Sales EMEA'")
            .await
            .0
            .len(),
        2
    );
    assert_eq!(
        client
            .get("/beta/groups?$filter=startswith(displayName,'S')")
            .await
            .0,
        400
    );
    let (status, body) = client
        .get("/beta/groups/00000000-0000-4000-8000-000000000000")
        .await;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (404, Some("Request_ResourceNotFound"))
    );
}
