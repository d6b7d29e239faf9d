//! A customer who writes, for tests of what operators do with it.

use bytes::Bytes;
use models::taxonomy::Language;
use pipelines::conversations::accounts::provide;
use pipelines::conversations::{
    Accepted, Account, AccountId, AccountSettings, Content, ExternalId, Inbound, MediaType, Sender, Text, Thread,
    Upload, accept,
};
use pipelines::customers::{Country, IdentityKey, IdentityKind};
use pipelines::events::Channel;
use pipelines::orders::{Brand, BrandId, City, CityId, put_brands, put_cities, put_countries};
use pipelines::platform::store::Store;

/// A site's widget in Moscow through which customers write.
pub(crate) struct Talk {
    store: Store,
    account: Account,
    sent: std::sync::atomic::AtomicU32,
}

impl Talk {
    pub(crate) async fn open(store: &Store) -> Self {
        let clock = store.clock();
        let brand = Brand { id: BrandId::new(clock), slug: "okno".to_owned(), name: "Окно".to_owned() };
        let city = City {
            id: CityId::new(clock),
            country: Country::Russia,
            slug: "moscow".to_owned(),
            name: "Москва".to_owned(),
            zone: "Europe/Moscow".to_owned(),
        };
        let account = Account {
            id: AccountId::new(clock),
            channel: Channel::Site,
            slug: "site".to_owned(),
            name: "Сайт".to_owned(),
            brand_id: brand.id,
            city_id: Some(city.id),
            language: Language::Ru,
            settings: AccountSettings::default(),
            active: true,
        };
        let mut change = store.begin().await.expect("the trial's database answers");
        put_countries(&mut change, &[Country::Russia]).await.expect("a country can be put");
        put_brands(&mut change, &[brand]).await.expect("a brand can be put");
        put_cities(&mut change, &[city]).await.expect("a city can be put");
        change.commit().await.expect("the change is committed");
        provide(store, &[(account.clone(), Vec::new())]).await.expect("an account can be made");
        Self { store: store.clone(), account, sent: 0.into() }
    }

    /// The visitor of this name says something.
    pub(crate) async fn say(&self, visitor: &str, text: &str) -> Accepted {
        self.send(visitor, Content::Text(Text::new(text).expect("a test's text fits"))).await
    }

    /// The visitor sends a file.
    pub(crate) async fn upload(&self, visitor: &str, name: &str, media_type: &str, bytes: &[u8]) -> Accepted {
        let file = Upload {
            name: Some(name.to_owned()),
            media_type: MediaType::new(media_type),
            bytes: Bytes::copy_from_slice(bytes),
        };
        self.send(visitor, Content::Uploaded { file, caption: None }).await
    }

    async fn send(&self, visitor: &str, content: Content) -> Accepted {
        let number = self.sent.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let inbound = Inbound {
            account: self.account.clone(),
            external_id: ExternalId::new(format!("{visitor}-{number}")).expect("a test's id fits"),
            from: Sender {
                identity: IdentityKey::new(IdentityKind::Site, visitor).expect("a test's visitor fits"),
                name: Some(visitor.to_owned()),
                phone: None,
                language: Some(Language::Ru),
                country: Some(Country::Russia),
            },
            thread: Thread::new(visitor).expect("a test's thread fits"),
            at: self.store.clock().now(),
            content,
        };
        accept(&self.store, inbound).await.expect("what a customer writes is accepted")
    }
}
