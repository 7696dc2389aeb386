//! All that is selected, brought together: of a folder from the cache, of a search by walking its hits.
//!
//! Its answers are boxed here: walking a search may ask the service, and whoever drives requests should not carry room for that.

use crate::base::report::{Kind, Report};
use crate::domain::mail::MessageId;
use crate::domain::request::Answer;
use crate::domain::selection::{MOST_AT_ONCE, MOST_SAVED, Selection, SelectionDeed, Source, Standing, Stretch};
use crate::engine::files;
use crate::engine::live::Live;
use crate::engine::outbox::too_many;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

impl Live {
    /// How much lies in a stretch.
    pub(super) fn count_selected(
        &self,
        source: Box<Source>,
        stretch: Stretch,
    ) -> BoxFuture<'_, Result<Answer, Report>> {
        async move {
            let counted = match &*source {
                Source::Folder(folder) => self.cache.stretch(folder, stretch).await.map_err(|error| error.report())?,
                Source::Hits(search) => self.searches.count_selected(search, stretch, self.now(), &self.zone()).await?,
            };
            Ok(Answer::Stretch(counted))
        }
        .boxed()
    }

    /// What a deed would change of all that is selected.
    pub(super) fn weigh(
        &self,
        selection: Box<Selection>,
        deed: SelectionDeed,
    ) -> BoxFuture<'_, Result<Answer, Report>> {
        async move {
            let selected = self.selected(&selection).await?;
            self.outbox.weigh(*selection, deed, selected).await
        }
        .boxed()
    }

    /// Does what was weighed.
    pub(super) fn change_selected(
        &self,
        selection: Box<Selection>,
        deed: SelectionDeed,
    ) -> BoxFuture<'_, Result<Answer, Report>> {
        async move {
            if let Some(changed) = self.outbox.change_weighed(&selection, &deed).await {
                return changed;
            }
            let selected = self.selected(&selection).await?;
            self.outbox.change_selected(deed, selected).await
        }
        .boxed()
    }

    /// What is being weighed, or was, is not meant any more.
    pub(super) fn forget_weighed(&self) -> Answer {
        self.searches.forget_selected();
        self.outbox.forget_weighed();
        Answer::Stretch(None)
    }

    /// Saves all that is selected, each message into a file.
    pub(super) fn save_selected(&self, selection: Box<Selection>) -> BoxFuture<'_, Result<Answer, Report>> {
        async move {
            let messages = self.files_of(&selection).await?;
            files::save_all(&self.graph, &self.setup.places.downloads, messages).await
        }
        .boxed()
    }

    /// The messages to save, with the names they would have.
    async fn files_of(&self, selection: &Selection) -> Result<Vec<(MessageId, String)>, Report> {
        let selected = self.selected(selection).await?;
        if selected.len() > MOST_SAVED {
            return Err(Report::new(Kind::Usage, "tooMany", "That is too much at once.")
                .because(format!("{} messages are selected, and {MOST_SAVED} are saved at once.", selected.len()))
                .next("Save them with: deskbell mail export"));
        }
        let mut files = Vec::with_capacity(selected.len());
        for Standing { id, .. } in selected {
            if let Some(row) = self.cache.message(&id).await.map_err(|error| error.report())? {
                files.push((id, row.message.file_name()));
            }
        }
        Ok(files)
    }

    async fn selected(&self, selection: &Selection) -> Result<Vec<Standing>, Report> {
        let stretch = match &selection.source {
            Source::Folder(folder) => {
                self.cache.standing_in(folder, selection.stretch).await.map_err(|error| error.report())?
            }
            Source::Hits(search) => {
                let gathered = self.searches.selected(search, selection.stretch, self.now(), &self.zone()).await?;
                if !gathered.is_all {
                    return Err(too_many(&format!("More than {MOST_AT_ONCE} hits are selected")));
                }
                gathered.hits
            }
        };
        let also = self.cache.standing_of(selection.also.clone()).await.map_err(|error| error.report())?;
        Ok(selection.of(stretch, also))
    }
}
